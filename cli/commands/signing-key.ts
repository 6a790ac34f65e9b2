import type { SigningKeyView } from '#core/model/signing-key';
import { at } from '../api.ts';
import type { Run } from '../command-spec.ts';
import { confirm } from '../confirm.ts';
import { dateTime } from '../duration.ts';
import { EXIT } from '../exit-code.ts';
import type { Session } from '../session.ts';

interface Keys {
  readonly items: readonly SigningKeyView[];
  readonly total: number;
}

/** `gatewright signing-key list`: public halves and times only. */
export const listSigningKeys: Run = async (session) => {
  session.doing = 'list the signing keys';
  const api = await session.api();
  show(session, await api.get<Keys>('/signing-keys'));
  return EXIT.done;
};

/** `gatewright signing-key rotate`. */
export const rotateSigningKeys: Run = async (session, input) => {
  session.doing = 'rotate the signing keys';
  const algorithm = input.text('algorithm');
  const force = input.flag('force');
  if (force)
    await confirm(session, 'The next key signs at once: whoever keeps our key set may refuse its tokens for a while.');
  const api = await session.api();
  show(session, await api.post<Keys>('/signing-keys/rotate', { ...(algorithm !== undefined && { algorithm }), force }));
  session.out.line(
    session.out.style.bold(force ? 'Rotated.' : 'The next keys sign once they were published for a day.'),
  );
  return EXIT.done;
};

/** `gatewright signing-key retire`. */
export const retireSigningKey: Run = async (session, input) => {
  const kid = input.argument(0);
  session.doing = `retire the signing key ${kid}`;
  const force = input.flag('force');
  await confirm(
    session,
    force
      ? `${kid} is no longer published: every token that it signed is refused from now on.`
      : `${kid} signs no more; another key signs at once.`,
  );
  const api = await session.api();
  show(session, await api.post<Keys>(at`/signing-keys/${kid}/retire`, { force }));
  session.out.line(session.out.style.bold(`Retired ${kid}.`));
  return EXIT.done;
};

function show({ out }: Session, keys: Keys): void {
  out.json(keys);
  out.table(
    [
      { title: 'KEY', isWhole: true },
      { title: 'ALGORITHM' },
      { title: 'STATE' },
      { title: 'SIGNS FROM' },
      { title: 'UNTIL' },
    ],
    keys.items.map(({ kid, algorithm, state, signsAt, rotatesAt, retiredAt }) => {
      const until = rotatesAt ?? retiredAt;
      return [kid, algorithm, state, dateTime(signsAt), until === undefined ? '' : dateTime(until)];
    }),
  );
}
