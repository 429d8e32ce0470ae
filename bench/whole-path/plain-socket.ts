// A WebSocket client that costs as little as can be: it finds the frames in what the socket read and hands out where
// their text lies, without copying or decoding. A library's client would take more of the cores than what is measured.
import { connect, type Socket } from 'node:net';

/** One for all sockets of the process: what is read is handed out before the next read. */
const readBuffer = Buffer.alloc(256 * 1024);
const TEXT = 1;
const CLOSE = 8;
const PING = 9;
const PONG = 10;
const KEY = Buffer.from('kisignal bench!!').toString('base64');

export interface PlainSocketOptions {
  readonly port: number;
  readonly path: string;
  /** The text lies at [start, end) of the bytes, which are good until the call returns. */
  readonly onText: (bytes: Buffer, start: number, end: number) => void;
  /** A chunk was read; its texts follow. */
  readonly onRead: () => void;
  /** With the close code, 1006 where there was none. */
  readonly onClose: (code: number) => void;
}

export class PlainSocket {
  /** Resolves once the handshake is done. */
  readonly opened: Promise<void>;
  private readonly options: PlainSocketOptions;
  private readonly socket: Socket;
  /** A frame of which not all has come. */
  private rest: Buffer | null = null;
  private upgraded = false;
  private closeCode = 1006;
  private open: () => void = () => {};

  constructor(options: PlainSocketOptions) {
    this.options = options;
    const { port, path } = options;
    this.socket = connect({
      port,
      host: '127.0.0.1',
      noDelay: true,
      onread: { buffer: readBuffer, callback: (length) => this.read(readBuffer.subarray(0, length)) },
    });
    this.opened = new Promise((resolve, reject) => {
      this.open = resolve;
      this.socket.on('error', reject);
    });
    this.socket.on('close', () => options.onClose(this.closeCode));
    this.socket.write(
      `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
        `Sec-WebSocket-Key: ${KEY}\r\nSec-WebSocket-Version: 13\r\n\r\n`,
    );
  }

  send(text: string): void {
    this.write(TEXT, Buffer.from(text));
  }

  end(): void {
    this.socket.destroy();
  }

  private read(chunk: Buffer): boolean {
    this.options.onRead();
    const bytes = this.rest === null ? chunk : Buffer.concat([this.rest, chunk]);
    const used = this.upgraded ? this.frames(bytes, 0) : this.handshake(bytes);
    this.rest = used === bytes.length ? null : Buffer.from(bytes.subarray(used));
    return true;
  }

  private handshake(bytes: Buffer): number {
    const end = bytes.indexOf('\r\n\r\n');
    if (end === -1) return 0;
    if (!bytes.toString('latin1', 0, end).startsWith('HTTP/1.1 101')) {
      this.socket.destroy(new Error(`handshake refused: ${bytes.toString('utf8', 0, end)}`));
      return bytes.length;
    }
    this.upgraded = true;
    this.open();
    return this.frames(bytes, end + 4);
  }

  /** Hands out every whole frame; where the first unfinished one begins. */
  private frames(bytes: Buffer, from: number): number {
    let at = from;
    while (at + 2 <= bytes.length) {
      const opcode = bytes[at] & 0x0f;
      let length = bytes[at + 1] & 0x7f;
      let start = at + 2;
      if (length === 126) {
        if (at + 4 > bytes.length) break;
        length = bytes.readUInt16BE(at + 2);
        start = at + 4;
      } else if (length === 127) {
        if (at + 10 > bytes.length) break;
        length = Number(bytes.readBigUInt64BE(at + 2));
        start = at + 10;
      }
      const end = start + length;
      if (end > bytes.length) break;
      if (opcode === TEXT) this.options.onText(bytes, start, end);
      else if (opcode === PING) this.write(PONG, bytes.subarray(start, end));
      else if (opcode === CLOSE && length >= 2) this.closeCode = bytes.readUInt16BE(start);
      at = end;
    }
    return at;
  }

  /** A client must mask; a mask of zeros masks nothing. */
  private write(opcode: number, payload: Uint8Array): void {
    const short = payload.length < 126;
    const head = Buffer.alloc(short ? 6 : 8);
    head[0] = 0x80 | opcode;
    if (short) head[1] = 0x80 | payload.length;
    else {
      head[1] = 0x80 | 126;
      head.writeUInt16BE(payload.length, 2);
    }
    this.socket.write(Buffer.concat([head, payload]));
  }
}
