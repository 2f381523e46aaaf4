/** SMP over TCP: each message's length is in its header. Node only. */
import type { Transport } from '../transport/index.ts';
import { listenTcp, type TcpListener } from '../transport/node.ts';
import type { SmpServer } from './server.ts';
import { serveStream } from './stream-server.ts';

export interface TcpSmpOptions {
  server: SmpServer;
  /** `tcp://host:port`; port 0 takes any free one. */
  spec: string;
  /** Connections at once; one more is hung up. 8 unless told. */
  clientsMax?: number;
}

/**
 * Listens until closed; closing hangs up on everyone.
 * @throws {MinerError} TRANSPORT_SPEC, TCP_LISTEN
 */
export async function listenTcpSmp({ server, spec, clientsMax = 8 }: TcpSmpOptions): Promise<TcpListener> {
  const clients = new Set<Transport>();
  const listener = await listenTcp(spec, (client) => {
    if (clients.size >= clientsMax) {
      void client.close();
      return;
    }
    clients.add(client);
    client.onClose(() => clients.delete(client));
    serveStream({ transport: client, server });
  });
  return {
    address: listener.address,
    close: async () => {
      const closed = listener.close();
      for (const client of [...clients]) await client.close();
      await closed;
    },
  };
}
