import * as z from 'zod';
import { newId } from '#core/id';
import { gatewayNameSchema } from '#core/model/name';
import { ProblemError } from '#core/problem';
import type { ManagerContext } from '../context.ts';
import { getServerGroup } from '../records/server-group.ts';
import { type Actor, change } from '../unit-of-work.ts';
import { findAuthority } from './authority.ts';
import { useJoinToken } from './join-tokens.ts';
import type { Member } from './members.ts';
import { issueGatewayCertificate, type KeyedCertificate } from './x509.ts';

const certificateRequest = z.string().max(4096).describe('Certificate request (PKCS #10, PEM) with a P-256 key.');

/** Body of a join. */
export const joinBody = z.strictObject({
  token: z.string().min(1).max(256).describe('The part of the join token before the dot.'),
  name: gatewayNameSchema,
  certificateRequest,
});

/** Body of a renewal. */
export const renewBody = z.strictObject({ certificateRequest });

/** What a gateway gets that joined. */
export interface Joined {
  readonly gatewayId: string;
  /** Name of the server group. */
  readonly serverGroup: string;
  /** PEM. */
  readonly certificate: string;
}

/**
 * Lets a gateway in: the token is used up, its row written and its certificate made together or not at all.
 * @throws ProblemError `join_token_wrong`, `name_taken`, `validation_failed`
 */
export async function joinGateway(context: ManagerContext, body: z.infer<typeof joinBody>): Promise<Joined> {
  const { random, clock, masterKeys, options, services } = context;
  const joined = await change(context, actorOf('gateways.join'), async (unit) => {
    const gatewayId = newId('gtw', random);
    const token = await useJoinToken(unit, body.token, gatewayId);
    const { id, name: serverGroup, displayName } = await getServerGroup(unit.tx, token.server_group_id);
    const taken = await unit.tx
      .selectFrom('joined_gateways')
      .select('id')
      .where('server_group_id', '=', id)
      .where('name', '=', body.name)
      .executeTakeFirst();
    if (taken !== undefined)
      throw new ProblemError('name_taken', `${displayName} has a gateway ${body.name}.`, {
        fixes: [
          { text: 'Choose another name.', command: 'gatewright gateway --join … --name <name>' },
          { text: 'Or remove that one.', command: `gatewright gateway remove ${body.name}` },
        ],
      });
    const made = await issue(context, await findAuthority(unit.tx, masterKeys.secretBox()), {
      gateway: { gatewayId, serverGroup },
      request: body.certificateRequest,
    });
    await unit.tx
      .insertInto('joined_gateways')
      .values({
        ...{ id: gatewayId, name: body.name, server_group_id: id, serial: made.serial, previous_serial: null },
        ...{ certificate_ends_at: made.endsAt, joined_at: clock.now(), joined_by: token.created_by },
      })
      .execute();
    unit.audit({
      ...{ objectKind: 'gateway', objectId: gatewayId, objectName: body.name },
      sentence: `Gateway ${body.name} joined ${displayName} with a join token of ${token.created_by}.`,
      after: { serverGroup, certificateEndsAt: made.endsAt, lifeMs: options.gateways.certificateLifeMs },
    });
    return { gatewayId, serverGroup, certificate: made.certificate };
  });
  await services.members.reload();
  return joined;
}

/** Gives a gateway a new certificate; the one before is let in until the new one was seen. @throws ProblemError `validation_failed` */
export async function renewCertificate(
  context: ManagerContext,
  member: Member,
  { serial, request }: { readonly serial: string; readonly request: string },
): Promise<Pick<Joined, 'certificate'>> {
  const box = context.masterKeys.secretBox();
  const made = await issue(context, await findAuthority(context.db.read, box), {
    gateway: { gatewayId: member.id, serverGroup: member.serverGroup },
    request,
  });
  await change(context, actorOf('gateways.renew'), async (unit) => {
    const { serial: next, endsAt } = made;
    await unit.tx
      .updateTable('joined_gateways')
      .set({ serial: next, previous_serial: serial, certificate_ends_at: endsAt })
      .where('id', '=', member.id)
      .execute();
    unit.audit({
      ...{ objectKind: 'gateway', objectId: member.id, objectName: member.name },
      sentence: `The certificate of gateway ${member.name} was renewed.`,
      before: { certificateEndsAt: member.certificateEndsAt },
      after: { certificateEndsAt: endsAt },
    });
  });
  await context.services.members.reload();
  return { certificate: made.certificate };
}

async function issue(
  { clock, random, options }: ManagerContext,
  authority: KeyedCertificate | undefined,
  wish: { readonly gateway: { readonly gatewayId: string; readonly serverGroup: string }; readonly request: string },
) {
  if (authority === undefined) throw new Error('A gateway joins, but there is no authority.');
  const making = { now: clock.now(), random, lifeMs: options.gateways.certificateLifeMs };
  try {
    return await issueGatewayCertificate(authority, { ...wish, ...making });
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new ProblemError('validation_failed', error.message, {
      errors: [{ pointer: '/certificateRequest', code: 'invalid', message: error.message }],
    });
  }
}

function actorOf(operation: string): Actor {
  return { name: 'system', via: 'system', operation, keyId: undefined, requestId: undefined };
}
