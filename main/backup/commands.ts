import type { Command } from 'commander';
import type { Prepared } from '../commands.ts';

/** Options of `backup` and `restore`, beside those that choose the configuration. */
export interface BackupOptions {
  readonly to?: string;
  readonly from?: string;
  readonly keepTokens?: boolean;
  readonly withoutTokens?: boolean;
  readonly replace?: boolean;
}

/** Adds `backup` and `restore`. `prepare` reads the configuration; undefined: all has been said. */
export function addBackupCommands(
  program: Command,
  prepare: (options: Readonly<Record<string, unknown>>) => Promise<Prepared | undefined>,
): void {
  const add = (name: 'backup' | 'restore') =>
    program
      .command(name)
      .option('--data <folder>', 'data directory (GATEWRIGHT_DATA_DIR, default ./gatewright-data)')
      .option('--config <file>', 'settings in YAML, as start takes them (GATEWRIGHT_CONFIG_FILE)')
      .helpGroup('This machine and the server:')
      .action(async (given: BackupOptions & { readonly data?: string }, command: Command) => {
        const { data: dir, ...options } = given;
        const prepared = await prepare({ ...command.optsWithGlobals(), ...(dir !== undefined && { dir }) });
        if (prepared !== undefined) await (await import('./run.ts')).runs[name](prepared, options);
      });
  add('backup')
    .description("copy the manager's data, the audit trail and tokens to a file, while it runs; never the master key")
    .option('--to <file>', 'file to write, or a folder in which it gets a name with the time')
    .option('--without-tokens', 'open no token store: the file has no tokens in it')
    .addHelpText('after', '\nExample:\n  gatewright backup --to /var/backups/gatewright');
  add('restore')
    .description('put a backup in place of the data of a stopped Gatewright; revives nothing')
    .option('--from <file>', 'the backup')
    .option('--keep-tokens', 'let tokens live on that lived when they were backed up, unless they are known to be dead')
    .option('--without-tokens', 'open no token store; tokens of before are dead all the same')
    .option('--replace', 'put data that are there aside, and say where')
    .addHelpText(
      'after',
      `
Tokens, grants and codes are revoked, sessions and links ended. What was revoked, rotated or deleted after the backup was
taken is back in the data: docs/backup.md.

Example:
  gatewright restore --from gatewright-2027-01-31T03-00-00Z.backup.gz --replace`,
    );
}
