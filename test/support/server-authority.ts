import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createAuthority } from './client-certificate.ts';

/** An authority for a server on 127.0.0.1, and the server's certificate, in files that any user may read, but for the key. */
export interface ServerAuthority extends Disposable {
  readonly caFile: string;
  /** Certificate of an authority that has nothing to do with it. */
  readonly otherCaFile: string;
  readonly certFile: string;
  readonly keyFile: string;
  /** Key and certificate in one. */
  readonly bothFile: string;
  /** A further file in the same folder. */
  write(name: string, text: string): string;
}

/** Makes one. */
export async function createServerAuthority(): Promise<ServerAuthority> {
  const folder = mkdtempSync(path.join(tmpdir(), 'gatewright-tls-'));
  chmodSync(folder, 0o755);
  const write = (name: string, text: string, mode = 0o644) => {
    const file = path.join(folder, name);
    writeFileSync(file, text, { mode });
    return file;
  };
  const [authority, other] = [await createAuthority(), await createAuthority('CN=Other authority')];
  const server = await authority.issue({ name: 'CN=server', alternativeNames: [{ type: 'ip', value: '127.0.0.1' }] });
  return {
    caFile: write('ca.pem', authority.cert),
    otherCaFile: write('other.pem', other.cert),
    certFile: write('cert.pem', server.cert),
    keyFile: write('key.pem', server.key, 0o600),
    bothFile: write('both.pem', `${server.key}${server.cert}`, 0o600),
    write,
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  };
}
