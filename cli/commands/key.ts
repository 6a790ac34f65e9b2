import type { Run } from '../command-spec.ts';
import { EXIT } from '../exit-code.ts';

/** `gatewright key rotate`: a new master key; every data key is wrapped again while serving. */
export const rotateMasterKey: Run = async (session) => {
  session.doing = 'rotate the master key';
  const api = await session.api();
  const answer = await api.post<{ keyId: string; rewrapped: number }>('/master-key/rotate');
  session.out.json(answer);
  session.out.line(`Wrapped ${answer.rewrapped} data keys again.`);
  session.out.line('Keep a copy of the new key apart from the data; backups made before need the old one.');
  session.out.line(session.out.style.bold(`Rotated: master key ${answer.keyId} is in use.`));
  return EXIT.done;
};
