import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createAuthority } from './client-certificate.ts';
import { freePort } from './free-port.ts';

/** An authority for servers on loopback, its certificate and that of the servers in files. */
export interface RedisAuthority extends Disposable {
  readonly caFile: string;
  /** Certificate of an authority that has nothing to do with it. */
  readonly otherCaFile: string;
  /** A free port, and what is to be told to a server so that it serves TLS on it. */
  tlsSettings(): Promise<{ readonly port: number; readonly settings: readonly string[] }>;
}

/** Makes one. */
export async function createRedisAuthority(): Promise<RedisAuthority> {
  const folder = mkdtempSync(path.join(tmpdir(), 'gatewright-redis-tls-'));
  const write = (name: string, text: string) => {
    const file = path.join(folder, name);
    writeFileSync(file, text, { mode: 0o600 });
    return file;
  };
  const [authority, other] = [await createAuthority(), await createAuthority('CN=Other authority')];
  const server = await authority.issue({ name: 'CN=redis', alternativeNames: [{ type: 'ip', value: '127.0.0.1' }] });
  const caFile = write('ca.pem', authority.cert);
  const files = [
    ...['--tls-cert-file', write('cert.pem', server.cert), '--tls-key-file', write('key.pem', server.key)],
    ...['--tls-ca-cert-file', caFile, '--tls-auth-clients', 'no'],
  ];
  return {
    caFile,
    otherCaFile: write('other.pem', other.cert),
    async tlsSettings() {
      const port = await freePort();
      return { port, settings: ['--tls-port', String(port), ...files] };
    },
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  };
}
