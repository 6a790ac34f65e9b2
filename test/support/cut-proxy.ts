import net from 'node:net';

/** A TCP proxy on loopback that can stop passing anything on, as a broken network does: nothing is refused and nothing arrives. */
export interface CutProxy extends AsyncDisposable {
  readonly port: number;
  /** From now on no byte passes either way, on connections that there are and on new ones. */
  cut(): void;
  /** Drops all connections and passes everything again. */
  mend(): void;
}

/** Starts one in front of a server. */
export async function startCutProxy(target: { readonly host: string; readonly port: number }): Promise<CutProxy> {
  const sockets = new Set<net.Socket>();
  let isCut = false;
  const keep = (socket: net.Socket) => {
    sockets.add(socket);
    socket.on('error', () => {}).once('close', () => sockets.delete(socket));
    if (isCut) socket.pause();
  };
  const server = net.createServer((client) => {
    keep(client);
    const upstream = net.connect(target);
    keep(upstream);
    const pass = (from: net.Socket, to: net.Socket) => {
      from.on('data', (data) => {
        if (!isCut) to.write(data);
      });
      from.once('close', () => {
        if (!isCut) to.destroy();
      });
    };
    pass(client, upstream);
    pass(upstream, client);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const drop = () => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    port: (server.address() as net.AddressInfo).port,
    cut() {
      isCut = true;
    },
    mend() {
      drop();
      isCut = false;
    },
    async [Symbol.asyncDispose]() {
      drop();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
