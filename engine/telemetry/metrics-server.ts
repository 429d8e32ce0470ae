// A second port, for Prometheus alone: /metrics and nothing else. The gateway serves the same text on its own port.
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { Logger } from 'pino';
import { StartError } from '../start-error.ts';

export interface MetricsServerOptions {
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  readonly metrics: () => Promise<string>;
  readonly log: Logger;
}

/** @throws StartError where the port cannot be had */
export async function serveMetrics({ host, port, metrics, log }: MetricsServerOptions): Promise<Server> {
  const server = createServer(async ({ url }, response) => {
    if (url !== '/metrics') {
      response.writeHead(404).end();
      return;
    }
    try {
      const text = await metrics();
      response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' }).end(text);
    } catch (error) {
      log.error({ err: error }, 'metrics could not be read');
      response.writeHead(500).end();
    }
  });
  server.listen(port, host);
  try {
    await once(server, 'listening');
  } catch (error) {
    throw new StartError(`telemetry.prometheusPort: ${(error as Error).message}`, { cause: error });
  }
  return server;
}
