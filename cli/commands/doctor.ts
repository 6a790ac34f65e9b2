import type { Run } from '../command-spec.ts';
import { localMachineChecks } from '../doctor-machine.ts';
import { serverChecks } from '../doctor-server.ts';
import { EXIT } from '../exit-code.ts';
import { plain } from '../plain.ts';
import type { Check } from '../session.ts';

/** `gatewright doctor`: looks at everything, says pass or fail, and what to do. Exit 1 when something failed. */
export const doctor: Run = async (session) => {
  const { out } = session;
  const server = await serverChecks(session);
  const checks: Check[] = [
    ...(await localMachineChecks(session, server.isRunningHere)),
    ...(await session.localChecks()),
    ...server.checks,
  ];
  out.json({ checks, ok: checks.every(({ outcome }) => outcome !== 'fail') });
  const { style } = out;
  const marks = { pass: style.green('✔'), warn: style.yellow('!'), fail: style.red('✖'), skip: style.dim('–') };
  for (const { name, outcome, message, fixes } of checks) {
    out.line(`${marks[outcome]} ${name.padEnd(16)}  ${plain(message)}`);
    for (const { text, command } of fixes ?? []) {
      out.line(`    ${plain(text)}${command === undefined ? '' : `  ${style.cyan(plain(command))}`}`);
    }
  }
  const failed = checks.filter(({ outcome }) => outcome === 'fail').length;
  out.line();
  out.line(
    failed === 0
      ? style.green(style.bold('All well.'))
      : style.red(style.bold(`${failed} of ${checks.length} checks failed.`)),
  );
  return failed === 0 ? EXIT.done : EXIT.unexpected;
};
