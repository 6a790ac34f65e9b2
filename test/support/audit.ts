import { change } from '#manager/unit-of-work';
import type { TestManager } from './manager-context.ts';

/** Writes so many entries into a manager's trail, each a change of its own. */
export async function writeEntries(manager: TestManager, count: number, prefix = 'n'): Promise<void> {
  const actor = { name: 'tester', via: 'api', operation: 'test.do', keyId: undefined, requestId: undefined } as const;
  for (let i = 1; i <= count; i += 1)
    await change(manager.context, actor, async (unit) =>
      unit.audit({
        objectKind: i % 2 === 0 ? 'client' : 'project',
        objectId: `${prefix}${i}`,
        objectName: `thing-${i}`,
        sentence: `Thing ${prefix}${i} was changed.`,
        before: { i, text: 'a' },
        after: { text: 'b', i, nested: { list: [1, 2.5, null] } },
      }),
    );
}
