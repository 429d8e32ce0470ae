// For tests: one address behind which one of several Redis servers stands, as a name or a virtual address does. Who is
// connected stays with the server that it has; who connects anew gets the present one.
import { once } from 'node:events';
import { createServer, type Socket, connect as to } from 'node:net';
import type { RedisServer } from './redis-server.ts';

export interface RedisSwitch {
  readonly url: string;
  connections: number;
  turnTo(server: Pick<RedisServer, 'url'>): void;
  close(): Promise<void>;
}

export async function openRedisSwitch(first: Pick<RedisServer, 'url'>): Promise<RedisSwitch> {
  let target = new URL(first.url);
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    made.connections += 1;
    const upstream = to(Number(target.port), target.hostname);
    for (const [socket, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(socket);
      socket.pipe(other);
      socket.on('error', () => {});
      socket.on('close', () => {
        sockets.delete(socket);
        other.destroy();
      });
    }
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  const made: RedisSwitch = {
    url: `redis://127.0.0.1:${port}`,
    connections: 0,
    turnTo: (next) => {
      target = new URL(next.url);
    },
    close: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
  return made;
}
