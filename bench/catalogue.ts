import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';
import { newId } from '#core/id';
import { systemRandom } from '#core/random';

/** How much is made, beside what is there. */
export interface CatalogueSize {
  readonly projects: number;
  /** Each with one subscription and one secret. */
  readonly clients: number;
  readonly products: number;
}

/** What the copies are made of: one of each, made through the API, so that their rows are as the manager writes them. */
export interface Originals {
  /** A project that is deployed, in the product. */
  readonly project: string;
  readonly product: string;
  readonly client: string;
  /** Of the client to the product, with a consumer key and one secret. */
  readonly subscription: string;
}

type Row = Record<string, SQLInputValue>;

const FIRST = ['Mobile', 'Billing', 'Orders', 'Fleet', 'Claims', 'Internal', 'Partner', 'North', 'Depot', 'Loyalty'];
const SECOND = ['shop', 'sync', 'export', 'reports', 'tracking', 'catalogue', 'payments', 'stock', 'returns', 'search'];
const PROJECTS_OF_PRODUCT = 10;
/** Every so many projects the draft was changed after its deployment. */
const CHANGED_EVERY = 3;

/**
 * Fills a manager's database with copies of a few originals, row by row and in one transaction: 10 000 projects and 100 000 clients take some
 * ten seconds. Every table's columns are taken from the original's row, so that it goes with whatever migrations there are. The manager must
 * not run meanwhile.
 */
export function fillCatalogue(file: string, originals: Originals, size: CatalogueSize): void {
  const db = new DatabaseSync(file);
  db.exec('pragma journal_mode = wal; pragma synchronous = off; pragma foreign_keys = off; begin;');
  const copy = openCopier(db);
  const projects = copyProjects(copy, originals, size.projects);
  const products = copyProducts(copy, originals, { count: size.products, projects });
  copyClients(copy, originals, { count: size.clients, products });
  db.exec(`update feed_meta set seq = (select max(seq) from feed); commit; pragma wal_checkpoint(truncate);`);
  db.close();
}

interface Copier {
  readonly db: DatabaseSync;
  /** The rows of a table with a value in a column. */
  rows(table: string, column: string, value: SQLInputValue): Row[];
  insert(table: string, row: Row): void;
  /** The next number of the feed. */
  nextSeq(): number;
}

function openCopier(db: DatabaseSync): Copier {
  const statements = new Map<string, StatementSync>();
  let seq = Number(db.prepare('select seq from feed_meta').get()?.seq);
  return {
    db,
    rows: (table, column, value) => db.prepare(`select * from ${table} where ${column} = ?`).all(value) as Row[],
    insert(table, row) {
      let statement = statements.get(table);
      if (statement === undefined) {
        const columns = Object.keys(row);
        const places = columns.map(() => '?').join(', ');
        statement = db.prepare(`insert into ${table} (${columns.join(', ')}) values (${places})`);
        statements.set(table, statement);
      }
      statement.run(...Object.values(row));
    },
    nextSeq: () => {
      seq += 1;
      return seq;
    },
  };
}

/** Display name of the copy with that number; the name is the same in lower case with dashes. */
function copyTitle(index: number): string {
  const first = FIRST[index % FIRST.length] ?? '';
  const second = SECOND[Math.floor(index / FIRST.length) % SECOND.length] ?? '';
  return `${first} ${second} ${index}`;
}

/** Name of the copy with that number, of projects, products, clients and subscriptions alike. */
export function copyName(index: number): string {
  return copyTitle(index).toLowerCase().replaceAll(' ', '-');
}

/** Columns of a record under another name. */
function named(row: Row, id: string, index: number): Row {
  const displayName = copyTitle(index);
  const name = copyName(index);
  const at = Number(row.created_at) + index;
  return {
    ...row,
    ...{ id, name, display_name: displayName, display_key: displayName.toLowerCase() },
    ...{ search: `${name} ${displayName.toLowerCase()}`, created_at: at, updated_at: at },
  };
}

function copyProjects(copy: Copier, { project: name }: Originals, count: number): string[] {
  const [original = {}] = copy.rows('projects', 'name', name);
  const of = String(original.id);
  const parts = (['policies', 'resources', 'targets'] as const).map((table) => ({
    table,
    rows: copy.rows(table, 'project_id', of),
  }));
  const versions = copy.rows('versions', 'project_id', of);
  const deployments = copy.rows('deployments', 'project_id', of).map((row) => {
    const feedId = `${row.server_group_id}/${of}`;
    return { row, feedId, entries: row.state === 'live' ? copy.rows('feed', 'id', feedId) : [] };
  });
  const ids: string[] = [];
  for (let index = 0; index < count; index += 1) {
    const id = newId('prj', systemRandom);
    ids.push(id);
    const contextPath = `/catalogue/${index}`;
    const row = named(original, id, index);
    const moved = (text: SQLInputValue | undefined) =>
      String(text).replaceAll(of, id).replaceAll(String(original.context_path), contextPath);
    const isChanged = index % CHANGED_EVERY === 0;
    const draft_revision = Number(original.draft_revision) + (isChanged ? 1 : 0);
    copy.insert('projects', { ...row, context_path: contextPath, draft_revision });
    for (const { table, rows } of parts)
      for (const part of rows) copy.insert(table, { ...part, id: newId('res', systemRandom), project_id: id });
    for (const version of versions) {
      const snapshot = moved(version.snapshot);
      copy.insert('versions', {
        ...{ ...version, snapshot, id: newId('ver', systemRandom), project_id: id, context_path: contextPath },
      });
    }
    for (const { row: deployment, feedId, entries } of deployments) {
      const seq = copy.nextSeq();
      copy.insert('deployments', { ...deployment, id: newId('dep', systemRandom), project_id: id, seq });
      for (const entry of entries)
        copy.insert('feed', { ...entry, id: feedId.replace(of, id), seq, payload: moved(entry.payload) });
    }
  }
  return ids;
}

function copyProducts(
  copy: Copier,
  { product: name }: Originals,
  wish: { readonly count: number; readonly projects: readonly string[] },
): string[] {
  const [original = {}] = copy.rows('products', 'name', name);
  return Array.from({ length: wish.count }, (_, index) => {
    const id = newId('prd', systemRandom);
    copy.insert('products', named(original, id, index));
    for (let position = 0; position < Math.min(PROJECTS_OF_PRODUCT, wish.projects.length); position += 1) {
      const project = wish.projects[(index * PROJECTS_OF_PRODUCT + position) % wish.projects.length] ?? '';
      copy.insert('product_projects', { product_id: id, project_id: project, position });
    }
    return id;
  });
}

/** Every fifth subscription is to the first product: the most that one has. */
function copyClients(
  copy: Copier,
  originals: Originals,
  wish: { readonly count: number; readonly products: readonly string[] },
): void {
  const [client = {}] = copy.rows('clients', 'name', originals.client);
  const [subscription = {}] = copy.rows('subscriptions', 'name', originals.subscription);
  const [secret = {}] = copy.rows('secrets', 'subscription_id', subscription.id ?? null);
  const feed = [client.id, subscription.id, subscription.consumer_key].flatMap((id) =>
    copy.rows('feed', 'id', id ?? null),
  );
  for (let index = 0; index < wish.count; index += 1) {
    const clientId = newId('cli', systemRandom);
    const subscriptionId = newId('sub', systemRandom);
    const consumerKey = `k${String(index).padStart(8, '0')}${newId('sec', systemRandom).slice(4)}`;
    const product =
      wish.products[index % 5 === 0 ? 0 : index % wish.products.length] ?? subscription.product_id ?? null;
    copy.insert('clients', { ...named(client, clientId, index), active: index % 50 === 0 ? 0 : 1 });
    copy.insert('subscriptions', {
      ...named(subscription, subscriptionId, index),
      ...{ client_id: clientId, product_id: product, consumer_key: consumerKey },
      state: index % 40 === 0 ? 'suspended' : 'active',
    });
    copy.insert('secrets', {
      ...{ ...secret, id: newId('sec', systemRandom), subscription_id: subscriptionId, consumer_key: consumerKey },
      ends_at: index % 1000 === 0 ? Number(secret.created_at) + 86_400_000 : null,
    });
    for (const entry of feed) {
      const replaced = (text: SQLInputValue | undefined) =>
        String(text)
          .replaceAll(String(client.id), clientId)
          .replaceAll(String(subscription.id), subscriptionId)
          .replaceAll(String(subscription.consumer_key), consumerKey);
      copy.insert('feed', { ...entry, id: replaced(entry.id), payload: replaced(entry.payload), seq: copy.nextSeq() });
    }
  }
}
