import { ConfigurationError } from '#core/errors';
import { newId } from '#core/id';
import { createDirectory } from '#core/model/directory';
import { createServerGroup, LOCAL_GROUP } from '#core/model/server-group';
import { CONFIGURED_STORE } from '#core/model/token-store';
import { openSetupToken } from './access/setup.ts';
import type { ManagerContext } from './context.ts';
import { checkMasterKey, writeKeyCheck } from './key-check.ts';
import { insertDirectory } from './owners/make-directory.ts';
import { insertManagementKey, parseManagementKey } from './records/management-key.ts';
import { newRecordColumns } from './records/record.ts';
import { parseServerGroup, publishServerGroup, serverGroupData } from './records/server-group.ts';
import { countAdmins } from './records/user.ts';
import { finishRotation } from './seal-anew.ts';
import { readSetting, writeSetting } from './setting.ts';
import { keepSigningKeys } from './signing-keys/rotate.ts';
import { keepConfiguredStore } from './token-stores/make.ts';
import { createTokenKeys, TOKEN_KEYS_ID } from './token-tag-keys.ts';
import { createTicketKey, hasTicketKey } from './try/ticket-key.ts';
import { type Actor, change, type Unit } from './unit-of-work.ts';

const BOOTSTRAP_DONE = 'bootstrap-done';
/** Once made it may be deleted: it does not come back. */
const LOCAL_DIRECTORY_MADE = 'local-directory-made';
const BOOTSTRAP_MIN_CHARACTERS = 32;
const actor: Actor = {
  name: 'system',
  via: 'system',
  operation: 'manager.start',
  keyId: undefined,
  requestId: undefined,
};

/**
 * Makes what must be there before anybody calls: the server group Local, the token tag keys, the check of the master key, and a way in.
 * Each is made when it is missing, so that a start after a crash goes on where the first one stopped.
 * @returns the one-time setup token when there is no management key
 * @throws ConfigurationError for a wrong master key or a short bootstrap token
 */
export async function prepareStart(context: ManagerContext): Promise<string | undefined> {
  const { read } = context.db;
  const box = context.masterKeys.secretBox();
  const hasKeyCheck = await checkMasterKey(read, box);
  const groups = await read.selectFrom('server_groups').select('id').limit(1).execute();
  const tokenKeys = await read.selectFrom('token_keys').select('id').where('id', '=', TOKEN_KEYS_ID).execute();
  const hasTickets = await hasTicketKey(read);
  const hasStore =
    (await read.selectFrom('token_stores').select('id').where('name', '=', CONFIGURED_STORE).execute()).length > 0;
  const hasDirectory = (await readSetting(read, LOCAL_DIRECTORY_MADE)) !== undefined;
  if (!hasKeyCheck || groups.length === 0 || tokenKeys.length === 0 || !hasTickets || !hasDirectory || !hasStore)
    await change(context, actor, async (unit) => {
      if (!hasKeyCheck) await writeKeyCheck(unit.tx, box);
      if (groups.length === 0) await createLocalGroup(unit, context);
      if (!hasDirectory) await createLocalDirectory(unit, context);
      if (!hasStore) await keepConfiguredStore(unit, context);
      if (tokenKeys.length === 0) await createTokenKeys(unit, box, context.random);
      if (!hasTickets) await createTicketKey(unit, box, context.random);
      note(unit, 'manager', 'The data directory was made ready.');
    });
  await finishRotation(context, actor);
  await keepSigningKeys(context);
  await useBootstrapToken(context);
  return openSetupIfNeeded(context);
}

async function createLocalGroup(unit: Unit, context: ManagerContext): Promise<void> {
  const data = serverGroupData(createServerGroup.parse(LOCAL_GROUP));
  const row = newRecordColumns(unit, { id: newId('grp', context.random), ...LOCAL_GROUP, data });
  await unit.tx.insertInto('server_groups').values(row).execute();
  publishServerGroup(unit, parseServerGroup(row));
}

async function createLocalDirectory(unit: Unit, context: ManagerContext): Promise<void> {
  const { name = 'local', ...settings } = createDirectory.parse({ name: 'local', displayName: 'Local' });
  await insertDirectory(unit, context, {
    name,
    settings: { ...settings, ldap: undefined, oidc: undefined },
    credentials: undefined,
  });
  await writeSetting(unit.tx, LOCAL_DIRECTORY_MADE, String(unit.now));
}

/** The bootstrap token becomes a management key on the first start only: later ones ignore it, also after its key was deleted. */
async function useBootstrapToken(context: ManagerContext): Promise<void> {
  const { bootstrapToken } = context.options;
  if (bootstrapToken === undefined) return;
  if (bootstrapToken.length < BOOTSTRAP_MIN_CHARACTERS)
    throw new ConfigurationError(
      `The bootstrap token must have at least ${BOOTSTRAP_MIN_CHARACTERS} characters, e.g. from: openssl rand -hex 32`,
    );
  if ((await readSetting(context.db.read, BOOTSTRAP_DONE)) !== undefined || (await hasManagementKey(context))) return;
  await change(context, actor, async (unit) => {
    const roles = [{ role: 'admin' as const }];
    const wish = { name: 'bootstrap', displayName: 'Bootstrap', roles, value: bootstrapToken };
    const by = { actor: actor.name, now: unit.now, random: context.random };
    const { row } = await insertManagementKey(unit.tx, wish, by);
    await writeSetting(unit.tx, BOOTSTRAP_DONE, String(unit.now));
    unit.audit({
      objectKind: 'management-key',
      objectId: row.id,
      objectName: row.name,
      sentence: 'The bootstrap token became the management key bootstrap.',
      after: parseManagementKey(row, unit.now),
    });
  });
}

async function openSetupIfNeeded(context: ManagerContext): Promise<string | undefined> {
  if ((await hasManagementKey(context)) || (await countAdmins(context.db.read)) > 0) return undefined;
  return change(context, actor, async (unit) => {
    note(unit, 'setup', 'The one-time setup was opened: there is no administrator and no management key.');
    return openSetupToken(unit.tx, context.random, unit.now);
  });
}

async function hasManagementKey(context: ManagerContext): Promise<boolean> {
  const keys = await context.db.read.selectFrom('management_keys').select('id').limit(1).execute();
  return keys.length > 0;
}

function note(unit: Unit, objectKind: string, sentence: string): void {
  unit.audit({ objectKind, objectId: objectKind, objectName: objectKind, sentence });
}
