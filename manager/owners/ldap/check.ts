import { type Client, type Entry, ResultCodeError } from 'ldapts';
import type { Egress } from '#core/egress';
import type { LdapSettings } from '#core/model/directory';
import { connectLdap } from './connection.ts';
import { dnFor, filterFor } from './template.ts';

/** Whose password is checked, where. */
export interface LdapQuestion {
  readonly settings: LdapSettings;
  readonly bindPassword: string;
  readonly username: string;
  readonly password: string;
  /** A name that nobody has: bound to when nobody was found, so that it takes as long. */
  readonly nobody: string;
}

/** What a server says of somebody whose password is right. */
export interface LdapPerson {
  readonly id: string;
  readonly name: string;
  readonly displayName: string;
  readonly email: string;
}

/**
 * Result codes of a bind that say no to this person: constraintViolation (locked by a password policy), noSuchObject, invalidDNSyntax,
 * inappropriateAuthentication (has no password), invalidCredentials, insufficientAccessRights, unwillingToPerform (RFC 4511 appendix A).
 */
const REFUSALS = new Set([19, 32, 34, 48, 49, 50, 53]);
/** Attributes that are octets. */
const BINARY = /^objectguid$|;binary$/i;

/**
 * Checks a name and a password by a bind (RFC 4513 §5.1.3). An empty password would be an anonymous bind, which succeeds: it is wrong.
 * @returns undefined when they are wrong
 * @throws Error when the server cannot be asked, or the settings do not fit it
 */
export async function checkByLdap(question: LdapQuestion, egress: Egress): Promise<LdapPerson | undefined> {
  if (question.password === '' || question.username === '') return undefined;
  await using connection = await connectLdap(question.settings, egress);
  const { client } = connection;
  const entry =
    question.settings.userDn === '' ? await searchThenBind(client, question) : await bindThenRead(client, question);
  return entry === undefined ? undefined : personOf(entry, question);
}

/**
 * Looks somebody up without their password, where people are searched for. Without a name, and with DNs by a template, the server is only
 * reached: who searches is bound, when there is somebody.
 * @throws Error when the server cannot be asked, or the settings do not fit it
 */
export async function lookUpByLdap(
  question: Pick<LdapQuestion, 'settings' | 'bindPassword' | 'username'>,
  egress: Egress,
): Promise<LdapPerson | undefined> {
  const { settings, username, bindPassword } = question;
  await using connection = await connectLdap(settings, egress);
  const { client } = connection;
  if (settings.userDn === '' && username !== '') {
    const entry = await search(client, question);
    return entry === undefined ? undefined : personOf(entry, question);
  }
  // A search of its root, which every server shows to anybody (RFC 4512 §5.1), when there is nobody to bind.
  if (settings.bindDn !== '') await client.bind(settings.bindDn, bindPassword);
  else await client.search('', { scope: 'base', filter: '(objectClass=*)', attributes: ['1.1'], sizeLimit: 1 });
  return undefined;
}

/** What a server refuses, in words: by itself it often says nothing but a number (RFC 4511 appendix A). */
export function refusalInWords(error: unknown): string | undefined {
  if (!(error instanceof ResultCodeError)) return undefined;
  if (REFUSALS.has(error.code)) return 'The server refuses who searches, or their password.';
  return `The server answers with the LDAP result code ${error.code}. ${error.message}`;
}

async function searchThenBind(client: Client, question: LdapQuestion): Promise<Entry | undefined> {
  const { settings, password, nobody } = question;
  const entry = await search(client, question);
  if (entry === undefined) {
    await binds(client, `cn=${nobody},${settings.searchBase}`, password);
    return undefined;
  }
  return (await binds(client, entry.dn, password)) ? entry : undefined;
}

/** The one that the filter fits. @throws Error when it fits several */
async function search(
  client: Client,
  { settings, bindPassword, username }: Pick<LdapQuestion, 'settings' | 'bindPassword' | 'username'>,
): Promise<Entry | undefined> {
  if (settings.bindDn !== '') await client.bind(settings.bindDn, bindPassword);
  const { searchEntries } = await client.search(settings.searchBase, {
    ...wantedOf(settings),
    scope: 'sub',
    filter: filterFor(settings.searchFilter, username),
    sizeLimit: 2,
  });
  const [entry, ...others] = searchEntries;
  if (others.length > 0) throw new Error('The search filter fits several people; it must fit one.');
  return entry;
}

async function bindThenRead(client: Client, question: LdapQuestion): Promise<Entry | undefined> {
  const { settings, username, password } = question;
  const dn = dnFor(settings.userDn, username);
  if (!(await binds(client, dn, password))) return undefined;
  const { searchEntries } = await client.search(dn, {
    ...wantedOf(settings),
    scope: 'base',
    filter: '(objectClass=*)',
    sizeLimit: 1,
  });
  const [entry] = searchEntries;
  if (entry === undefined) throw new Error('People may not read their own entry, so nothing is known of them.');
  return entry;
}

async function binds(client: Client, dn: string, password: string): Promise<boolean> {
  try {
    await client.bind(dn, password);
    return true;
  } catch (error) {
    if (error instanceof ResultCodeError && REFUSALS.has(error.code)) return false;
    throw error;
  }
}

function wantedOf({ idAttribute, nameAttribute, displayNameAttribute, emailAttribute, timeoutMs }: LdapSettings) {
  return {
    attributes: [idAttribute, nameAttribute, displayNameAttribute, emailAttribute],
    explicitBufferAttributes: BINARY.test(idAttribute) ? [idAttribute] : [],
    timeLimit: Math.ceil(timeoutMs / 1000),
  };
}

function personOf(entry: Entry, { settings, username }: Pick<LdapQuestion, 'settings' | 'username'>): LdapPerson {
  const id = firstOf(entry, settings.idAttribute);
  if (id === '')
    throw new Error(`The entry has no ${settings.idAttribute} that may be read; set idAttribute to one that it has.`);
  const name = firstOf(entry, settings.nameAttribute);
  return {
    id,
    name: name === '' ? username : name,
    displayName: firstOf(entry, settings.displayNameAttribute),
    email: firstOf(entry, settings.emailAttribute),
  };
}

/** First value of an attribute, octets as hex; attribute names know no capitals. */
function firstOf(entry: Entry, attribute: string): string {
  const found = Object.entries(entry).find(([name]) => name.toLowerCase() === attribute.toLowerCase())?.[1];
  const first = Array.isArray(found) ? found[0] : found;
  if (first === undefined) return '';
  return typeof first === 'string' ? first : first.toString('hex');
}
