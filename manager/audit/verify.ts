import { createPublicKey } from 'node:crypto';
import { existsSync } from 'node:fs';
import { verifyTrail } from '#core/audit-verify';
import type { AuditCheckpoint, AuditVerification } from '#core/model/audit-checkpoint';
import type { Reader } from '../database.ts';
import { readCheckpoints } from './checkpoints.ts';
import { readEntries } from './export.ts';
import { readCheckpointFile } from './outside.ts';
import { readAnchor } from './retention.ts';
import { listSigningKeys } from './signing-key.ts';
import { readHead } from './trail.ts';

/** What the trail is compared with, beside its own checkpoints. */
export interface ComparedWith {
  /** Checkpoints that the caller kept, by number. */
  readonly checkpoints: readonly AuditCheckpoint[];
  /** The file that they are appended to. */
  readonly checkpointFile: string | undefined;
}

/** Checks the trail of this database, in bounded memory, letting others have their turn. */
export async function verifyDatabase(reader: Reader, compared: ComparedWith): Promise<AuditVerification> {
  const head = await readHead(reader);
  const anchor = await readAnchor(reader);
  const keys = new Map((await listSigningKeys(reader)).map((key) => [key.keyId, createPublicKey(key.publicKey)]));
  const sources = [{ isOutside: false, checkpoints: readCheckpoints(reader) }];
  const { checkpoints, checkpointFile } = compared;
  const own = [...checkpoints].sort((a, b) => a.seq - b.seq);
  const file = checkpointFile !== undefined && existsSync(checkpointFile) ? checkpointFile : undefined;
  const outside = [
    ...(own.length === 0 ? [] : [{ isOutside: true, checkpoints: own }]),
    ...(file === undefined ? [] : [{ isOutside: true, checkpoints: readCheckpointFile(file) }]),
  ];
  return verifyTrail({ entries: readEntries(reader), anchor, head, sources: [...sources, ...outside], keys });
}
