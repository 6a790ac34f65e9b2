import { freePort } from './free-port.ts';
import { createServerAuthority, type ServerAuthority } from './server-authority.ts';

/** An authority for servers of Redis on loopback. */
export interface RedisAuthority extends ServerAuthority {
  /** A free port, and what is to be told to a server so that it serves TLS on it. */
  tlsSettings(): Promise<{ readonly port: number; readonly settings: readonly string[] }>;
}

/** Makes one. */
export async function createRedisAuthority(): Promise<RedisAuthority> {
  const authority = await createServerAuthority();
  const { certFile, keyFile, caFile } = authority;
  const files = [
    ...['--tls-cert-file', certFile, '--tls-key-file', keyFile],
    ...['--tls-ca-cert-file', caFile, '--tls-auth-clients', 'no'],
  ];
  return {
    ...authority,
    async tlsSettings() {
      const port = await freePort();
      return { port, settings: ['--tls-port', String(port), ...files] };
    },
  };
}
