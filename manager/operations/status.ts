import * as z from 'zod';
import { attention } from '#core/model/overview/screens';
import { gateway } from '#core/model/server-group';
import { tokenStoreHealth } from '#core/model/token-store';
import { attentionAndNotices } from '../attention.ts';
import { operation } from '../operation.ts';
import { readStatus } from '../status.ts';

const status = z.strictObject({
  version: z.string().describe('Version of the manager.'),
  console: z.string().optional().describe('Origin under which people reach the manager.'),
  epoch: z.string().describe('Which change feed this is; new after a restore.'),
  seq: z.int().describe('Number of the newest change.'),
  gateways: z.array(gateway),
  tokenStores: z
    .array(
      z.strictObject({
        ...{ name: z.string(), kind: z.string(), isDefault: z.boolean() },
        ...tokenStoreHealth.pick({ state: true, ms: true, records: true }).shape,
      }),
    )
    .describe('How each token store does, by name; at most 50.'),
  attention: z.array(attention).describe('What a person should look at.'),
  projects: z
    .array(
      z.strictObject({
        name: z.string(),
        displayName: z.string(),
        live: z.array(z.strictObject({ serverGroup: z.string(), version: z.int() })),
        draftChanged: z.boolean().describe('The draft says something else than what was deployed last.'),
      }),
    )
    .describe('All of them up to 50; with more, those of which changes are not deployed, at most 50.'),
  moreProjects: z.int().describe('How many projects are not listed here; see GET /overview/projects.'),
  counts: z.record(z.string(), z.number()).describe('How many there are of what; requests of the last minute.'),
});

/** The state of everything in one answer. */
export const statusOperations = [
  operation({
    id: 'status.get',
    method: 'GET',
    path: '/status',
    permission: 'status:read',
    summary: 'Read what runs where, the gateways, and what needs attention.',
    response: status,
    handler: async ({ context }) => {
      const { head, ...read } = await readStatus(context);
      const items = await attentionAndNotices(context, read.gateways);
      const { version } = context.options;
      const origin = context.publicOrigin();
      return {
        body: {
          version,
          ...(origin !== undefined && { console: origin }),
          epoch: head.epoch,
          seq: head.seq,
          ...read,
          attention: items,
        },
      };
    },
  }),
];
