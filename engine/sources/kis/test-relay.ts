// For tests: a relay in front of an emulator that knows which app key each connection belongs to, so that one session
// of several can be cut, kept out, or left without data.
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { onTestFinished } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import type { Emulator } from '../../emulator/emulator-options.ts';

interface Relayed {
  readonly client: WebSocket;
  /** Asked for and not yet ended, as far as the server has said. */
  readonly standing: Set<string>;
  approvalKey: string;
  appKey: string;
}

export interface Relay {
  readonly restUrl: string;
  readonly webSocketUrl: string;
  /** App keys whose connections end as soon as they register anything. */
  readonly keptOut: Set<string>;
  /** Requests to register (+) and to unregister (−) of each app key, in order: `+H0STCNT0|005930`. */
  readonly requests: Map<string, string[]>;
  /** Registrations asked for in one session while another still had them. */
  readonly doubles: string[];
  /** Approval keys given out, with their app keys. */
  readonly approvals: Map<string, string>;
  /** What stands registered with an app key, as far as the server has said. */
  standing(appKey: string): Set<string>;
  cut(appKey: string): void;
  /** The approval keys given out so far deliver no data frame to this app key any more. */
  silence(appKey: string): void;
}

export async function startRelay(emulator: Emulator): Promise<Relay> {
  const connections = new Set<Relayed>();
  const approvals = new Map<string, string>();
  const requests = new Map<string, string[]>();
  const doubles: string[] = [];
  const keptOut = new Set<string>();
  const silent = new Set<string>();
  const server = createServer((request, response) => void forward(request, response));
  const sockets = new WebSocketServer({ server });

  async function forward(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks).toString('utf8');
    const answer = await fetch(new URL(request.url ?? '/', emulator.restUrl), { method: 'POST', body });
    const text = await answer.text();
    const approvalKey = /"approval_key":"([^"]+)"/.exec(text)?.[1];
    if (approvalKey !== undefined) approvals.set(approvalKey, JSON.parse(body).appkey);
    response.writeHead(answer.status).end(text);
  }

  sockets.on('connection', (client, request) => {
    const target = new WebSocket(new URL(request.url ?? '/', emulator.webSocketUrl));
    const relayed: Relayed = { client, standing: new Set(), approvalKey: '', appKey: '' };
    const early: string[] = [];
    connections.add(relayed);
    client.on('message', (data) => {
      const text = String(data);
      note(relayed, text);
      if (keptOut.has(relayed.appKey)) client.terminate();
      else if (target.readyState === WebSocket.OPEN) target.send(text);
      else early.push(text);
    });
    target.on('open', () => {
      for (const text of early) target.send(text);
    });
    target.on('message', (data) => {
      const text = String(data);
      noteEnd(relayed, text);
      if (text.startsWith('{') || !silent.has(relayed.approvalKey)) client.send(text);
    });
    for (const socket of [client, target]) {
      socket.on('error', () => socket.terminate());
      socket.on('close', () => {
        connections.delete(relayed);
        client.terminate();
        target.terminate();
      });
    }
  });

  function note(relayed: Relayed, text: string): void {
    const { header, body } = JSON.parse(text);
    if (header.approval_key === undefined) return;
    relayed.approvalKey = header.approval_key;
    relayed.appKey = approvals.get(header.approval_key) ?? '';
    const { tr_id: trId, tr_key: trKey } = body.input;
    const list = requests.get(relayed.appKey) ?? [];
    requests.set(relayed.appKey, list);
    const name = `${trId}|${trKey}`;
    list.push(`${header.tr_type === '1' ? '+' : '-'}${name}`);
    if (header.tr_type !== '1') return;
    for (const other of connections) if (other !== relayed && other.standing.has(name)) doubles.push(name);
    relayed.standing.add(name);
  }

  function noteEnd({ standing }: Relayed, text: string): void {
    if (!text.startsWith('{')) return;
    const { header, body } = JSON.parse(text);
    const code = body?.msg_cd ?? 'OPSP0000';
    if (code !== 'OPSP0000' && code !== 'OPSP0002') standing.delete(`${header.tr_id}|${header.tr_key}`);
  }

  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    for (const { client } of connections) client.terminate();
    server.close();
    server.closeAllConnections();
  });
  const { port } = server.address() as { port: number };
  return {
    restUrl: `http://127.0.0.1:${port}`,
    webSocketUrl: `ws://127.0.0.1:${port}`,
    keptOut,
    requests,
    doubles,
    approvals,
    standing: (appKey) =>
      new Set([...connections].flatMap((relayed) => (relayed.appKey === appKey ? [...relayed.standing] : []))),
    cut: (appKey) => {
      for (const relayed of connections) if (relayed.appKey === appKey) relayed.client.terminate();
    },
    silence: (appKey) => {
      for (const [approvalKey, of] of approvals) if (of === appKey) silent.add(approvalKey);
    },
  };
}
