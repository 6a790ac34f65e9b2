import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { certificateLocal } from './certificate.ts';

const SUFFIX = 'dc=example,dc=test';
const PEOPLE = `ou=people,${SUFFIX}`;
const SLAPD = '/usr/sbin/slapd';

/** Somebody in the directory. */
export interface LdapEntry {
  readonly uid: string;
  readonly cn: string;
  readonly mail?: string;
  /** Left out: none, so that nobody can bind as them. */
  readonly password?: string;
}

/** A real OpenLDAP server on loopback, with TLS under the name localhost; stopped when the test ends. */
export interface Slapd {
  readonly suffix: string;
  readonly people: string;
  /** Who may read everything. */
  readonly searcher: { readonly dn: string; readonly password: string };
  readonly port: number;
  readonly tlsPort: number;
  /** The certificate that its own is (PEM). */
  readonly ca: string;
  /** Ends it now. */
  stop(): Promise<void>;
}

/** Starts one with these people in it. */
export async function startSlapd(t: TestContext, entries: readonly LdapEntry[]): Promise<Slapd> {
  const folder = mkdtempSync(path.join(tmpdir(), 'gatewright-slapd-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const config = writeConfig(folder);
  writeFileSync(path.join(folder, 'people.ldif'), ldifOf(entries));
  execFileSync(SLAPD, ['-T', 'add', '-f', config, '-l', path.join(folder, 'people.ldif')], { stdio: 'pipe' });
  const [port, tlsPort] = [await freePort(), await freePort()];
  const listen = `ldap://127.0.0.1:${port}/ ldaps://127.0.0.1:${tlsPort}/`;
  // With -d it stays in the foreground.
  const child = spawn(SLAPD, ['-d', '0', '-f', config, '-h', listen], { stdio: 'ignore' });
  const stop = () => end(child);
  t.after(stop);
  await Promise.all([untilOpen(port, child), untilOpen(tlsPort, child)]);
  const searcher = { dn: `cn=searcher,${SUFFIX}`, password: 'the searcher of the tests' };
  return { suffix: SUFFIX, people: PEOPLE, searcher, port, tlsPort, ca: certificateLocal.cert, stop };
}

function writeConfig(folder: string): string {
  const data = path.join(folder, 'data');
  mkdirSync(data);
  writeFileSync(path.join(folder, 'cert.pem'), certificateLocal.cert);
  writeFileSync(path.join(folder, 'key.pem'), certificateLocal.key, { mode: 0o600 });
  const config = path.join(folder, 'slapd.conf');
  writeFileSync(
    config,
    [
      ...['core', 'cosine', 'inetorgperson'].map((schema) => `include /etc/ldap/schema/${schema}.schema`),
      `pidfile ${folder}/slapd.pid`,
      'modulepath /usr/lib/ldap',
      'moduleload back_mdb',
      `TLSCertificateFile ${folder}/cert.pem`,
      `TLSCertificateKeyFile ${folder}/key.pem`,
      'database mdb',
      `suffix "${SUFFIX}"`,
      `directory ${data}`,
      'maxsize 10485760',
      'access to attrs=userPassword by anonymous auth by * none',
      `access to * by dn.exact="cn=searcher,${SUFFIX}" read by self read by * auth`,
      '',
    ].join('\n'),
  );
  return config;
}

function ldifOf(entries: readonly LdapEntry[]): string {
  const line = (name: string, value: string) => `${name}:: ${Buffer.from(value).toString('base64')}`;
  const object = (dn: string, ...lines: readonly string[]) => [line('dn', dn), ...lines, ''].join('\n');
  const person = ({ uid, cn, mail, password }: LdapEntry) =>
    object(
      `uid=${uid.replace(/[,+"\\<>;=#]/g, '\\$&')},${PEOPLE}`,
      'objectClass: inetOrgPerson',
      ...[line('uid', uid), line('cn', cn), line('sn', cn)],
      ...(mail === undefined ? [] : [line('mail', mail)]),
      ...(password === undefined ? [] : [line('userPassword', password)]),
    );
  return [
    object(SUFFIX, 'objectClass: dcObject', 'objectClass: organization', 'o: Example', 'dc: example'),
    object(PEOPLE, 'objectClass: organizationalUnit', 'ou: people'),
    object(
      `cn=searcher,${SUFFIX}`,
      'objectClass: person',
      ...['cn: searcher', 'sn: searcher', line('userPassword', 'the searcher of the tests')],
    ),
    ...entries.map(person),
  ].join('\n');
}

async function freePort(): Promise<number> {
  const server = net.createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address !== null ? address.port : 0;
}

async function untilOpen(port: number, child: ChildProcess): Promise<void> {
  for (let tries = 0; tries < 200; tries += 1) {
    if (child.exitCode !== null) throw new Error(`slapd ended with ${child.exitCode}.`);
    if (await isOpen(port)) return;
    await sleep(50);
  }
  throw new Error('slapd does not listen.');
}

function isOpen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = net.connect(port, '127.0.0.1', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  await ended;
}
