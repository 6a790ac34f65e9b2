import path from 'node:path';
import { CliError } from '../cli-error.ts';
import type { Run } from '../command-spec.ts';
import { confirm } from '../confirm.ts';
import { showChanges } from '../deployment-view.ts';
import { EXIT } from '../exit-code.ts';
import { planFolder, type Step } from '../files/plan.ts';
import { readFolder } from '../files/read-folder.ts';
import { plain } from '../plain.ts';

/** `gatewright apply`: compares a folder with what is there, shows the changes, and makes them. */
export const apply: Run = async (session, input) => {
  const { out } = session;
  const folder = input.argument(0);
  session.doing = `apply ${folder}`;
  const wanted = readFolder(path.resolve(session.cwd, folder));
  const api = await session.api();
  const steps = await planFolder(session, api, { wanted, isPruned: input.flag('prune') });
  const changes = steps.flatMap((step) => step.changes);
  const isDryRun = input.flag('dryRun');
  for (const step of steps) {
    out.line(out.style.bold(plain(step.what)));
    showChanges(out, step.changes);
  }
  const document = {
    changes: steps.flatMap(({ what, changes: own }) => own.map((change) => ({ what, ...change }))),
    applied: !isDryRun && changes.length > 0,
  };
  if (changes.length === 0 || isDryRun) {
    out.json(document);
    out.line(
      out.style.bold(
        changes.length === 0
          ? 'Nothing to change.'
          : `Nothing was changed: --dry-run. ${count(changes.length)} would be made.`,
      ),
    );
    return changes.length === 0 ? EXIT.done : EXIT.wouldChange;
  }
  const removed = changes.filter(({ kind, pointer }) => kind === 'removed' && pointer.split('/').length === 3);
  if (removed.length > 0)
    await confirm(session, `${removed.length} ${removed.length === 1 ? 'thing' : 'things'} will be deleted.`);
  const done: Step[] = [];
  for (const step of steps) {
    await step.run().catch((error: unknown) => {
      throw partly(error, { step, done });
    });
    done.push(step);
    out.note(`${out.style.green('✔')} ${plain(step.what)}`);
  }
  out.json(document);
  const drafts = steps.filter(({ isDraft }) => isDraft).map(({ what }) => what.replace('project ', ''));
  for (const name of drafts) out.line(out.style.dim(`Not live until deployed: gatewright deploy ${name}`));
  out.line(out.style.green(out.style.bold(`Applied: ${count(changes.length)}.`)));
  return EXIT.done;
};

function count(changes: number): string {
  return `${changes} ${changes === 1 ? 'change' : 'changes'}`;
}

/** Says what had been done before it failed; apply again goes on from there. */
function partly(error: unknown, { step, done }: { readonly step: Step; readonly done: readonly Step[] }): unknown {
  if (!(error instanceof CliError)) return error;
  const words =
    done.length === 0
      ? 'Nothing before it was changed.'
      : `Done before it: ${done.map(({ what }) => what).join(', ')}.`;
  return new CliError(`${step.what}: ${error.message}`, {
    code: error.code,
    exit: done.length > 0 ? EXIT.partly : error.exit,
    ...(error.status !== undefined && { status: error.status }),
    requestId: error.requestId,
    errors: error.errors,
    lines: [...error.lines, words],
    fixes: [...error.fixes, { text: 'Mend it and apply again: what is done stays.' }],
    cause: error,
  });
}
