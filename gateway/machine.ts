import { hash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';

/** Where Linux tells which machine it is. */
const ID_FILES = ['/etc/machine-id', '/var/lib/dbus/machine-id'];
const BOOT_FILE = '/proc/sys/kernel/random/boot_id';

/**
 * Tells machines apart without naming them: gateways on one give the same. Of the machine's id, which images may share, and of its present
 * boot; without either, of its host name.
 */
export function machineId(): string {
  const parts = [
    ...ID_FILES.map(read)
      .filter((text) => text !== '')
      .slice(0, 1),
    read(BOOT_FILE),
  ];
  const known = parts.filter((text) => text !== '');
  return hash('sha256', ['gatewright machine', ...(known.length === 0 ? [hostname()] : known)].join('\n')).slice(0, 32);
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    return '';
  }
}
