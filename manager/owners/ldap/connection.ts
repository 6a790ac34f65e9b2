import net from 'node:net';
import tls from 'node:tls';
import { Client } from 'ldapts';
import type { Egress } from '#core/egress';
import type { LdapSettings } from '#core/model/directory';

/** A connection to an LDAP server, encrypted when the settings say so. */
export interface LdapConnection extends AsyncDisposable {
  readonly client: Client;
}

/**
 * Connects to the one address that was checked (decision 25). The client would connect anew by itself when the server hangs up, and after
 * StartTLS the next password would go out unencrypted: it gets one socket and no other.
 * @throws Error when the server may not be called, cannot be reached or shows a certificate of somebody else
 */
export async function connectLdap(settings: LdapSettings, egress: Egress): Promise<LdapConnection> {
  const url = new URL(settings.url);
  const isTls = url.protocol === 'ldaps:';
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const port = url.port === '' ? (isTls ? 636 : 389) : Number(url.port);
  const [found] = await egress.resolve(host, port);
  if (found === undefined) throw new Error(`The name ${host} has no address.`);
  let isUsed = false;
  const once = <Socket>(open: () => Socket): Socket => {
    if (isUsed) throw new Error('The LDAP server closed the connection.');
    isUsed = true;
    return open();
  };
  // Whose certificate it must be: the name of the settings, not the address behind it.
  const trust: tls.ConnectionOptions = {
    ...(settings.ca === '' ? {} : { ca: settings.ca }),
    ...(net.isIP(host) === 0 ? { servername: host } : { host }),
    minVersion: 'TLSv1.2',
  };
  const client = new Client({
    url: settings.url,
    timeout: settings.timeoutMs,
    connectTimeout: settings.timeoutMs,
    createConnection: (() => once(() => net.connect(port, found.address))) as typeof net.connect,
    createSecureConnection: ((options: tls.ConnectionOptions) =>
      options?.socket === undefined
        ? once(() => tls.connect({ ...trust, host: found.address, port, ...servedBy(host) }))
        : tls.connect({ ...trust, socket: options.socket })) as typeof tls.connect,
  });
  const close = () => client.unbind().catch(() => {});
  try {
    if (!isTls && settings.startTls) await client.startTLS();
  } catch (error) {
    await close();
    throw error;
  }
  return { client, [Symbol.asyncDispose]: close };
}

/** With a socket to an address, a certificate for that address is what is checked; for a name, the name. */
function servedBy(host: string): tls.ConnectionOptions {
  return net.isIP(host) === 0
    ? { servername: host }
    : { checkServerIdentity: (_, certificate) => tls.checkServerIdentity(host, certificate) };
}
