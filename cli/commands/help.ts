import type { Command } from 'commander';
import { PROBLEM_STATUS } from '#core/problem';
import { findReason, REASONS } from '#core/reasons/catalogue';
import type { ReasonContext } from '#core/reasons/reason';
import { CliError, usageError } from '../cli-error.ts';
import type { Run } from '../command-spec.ts';
import { EXIT, EXIT_WORDS, exitOfStatus } from '../exit-code.ts';
import { nearest } from '../nearest.ts';
import type { Session } from '../session.ts';

/** `gatewright help [command]`, and `gatewright help errors [CODE]`, which needs no server. */
export const help: Run = async (session, input) => {
  const topic = input.rest(0);
  if (topic[0] === 'errors') return topic[1] === undefined ? listCodes(session) : explainCode(session, topic[1]);
  let command: Command = session.program;
  for (const word of topic) {
    const next = command.commands.find((one) => one.name() === word);
    if (next === undefined) {
      const near = nearest(
        word,
        command.commands.map((one) => one.name()),
      );
      throw usageError(`There is no command ${word}.${near === undefined ? '' : ` Did you mean ${near}?`}`);
    }
    command = next;
  }
  command.outputHelp();
  return EXIT.done;
};

/** Codes of the command line itself. */
const OWN_CODES: Readonly<Record<string, readonly [exit: number, meaning: string]>> = {
  unexpected: [EXIT.unexpected, 'Something that was not foreseen; the sentence says what.'],
  partly_done: [EXIT.partly, 'Some gateways have it and some have not; `gatewright status` says which.'],
  unreachable: [
    EXIT.unreachable,
    'The server did not answer: it does not run, or not there. `gatewright doctor` looks into it.',
  ],
  usage: [EXIT.usage, 'The command was written wrongly, or a confirmation was needed and --yes was not given.'],
  refused: [EXIT.refused, 'A rule says no; the sentence says which.'],
  bad_answer: [EXIT.unexpected, 'What answered is not a Gatewright manager, or another version of it.'],
  configuration_invalid: [EXIT.usage, 'Settings of `start`, `gateway` or `manager` are wrong; every one is named.'],
  start_failed: [
    EXIT.unexpected,
    'What was to run could not; the sentence says why. `gatewright doctor` looks at ports and disk.',
  ],
  token_malformed: [
    EXIT.usage,
    '`gateway --join` was given no join token, or something else. `gatewright group join-token` makes one.',
  ],
  manager_unknown: [
    EXIT.notAllowed,
    'Who answers is not the manager that made the join token: a wrong address, or somebody in between.',
  ],
  token_refused: [EXIT.refused, 'The token end point gave no token; `gatewright why` explains the request.'],
  file_invalid: [EXIT.refused, 'A file of `apply` is wrong; the lines name file, line and what is wrong.'],
};

function listCodes({ out }: Session): 0 {
  const refusals = Object.entries(REASONS).map(([code, { status, publicCode, title }]) => ({
    code,
    status,
    publicCode,
    title,
  }));
  const problems = Object.entries(PROBLEM_STATUS).map(([code, status]) => ({
    code,
    status,
    exit: exitOfStatus(status),
  }));
  const own = Object.entries(OWN_CODES).map(([code, [exit, meaning]]) => ({ code, exit, meaning }));
  out.json({ refusals, problems, commandLine: own });
  out.line(out.style.bold('Refused calls (what `gatewright why` says; the caller sees the second code)'));
  out.table(
    [{ title: 'CODE' }, { title: 'CALLER SEES' }, { title: 'STATUS' }, { title: 'SENTENCE FOR THE CALLER' }],
    refusals.map((one) => [one.code, one.publicCode, String(one.status), one.title]),
  );
  out.line();
  out.line(out.style.bold('Refusals of the management API'));
  out.table(
    [{ title: 'CODE' }, { title: 'STATUS' }, { title: 'EXIT' }],
    problems.map((one) => [one.code, String(one.status), String(one.exit)]),
  );
  out.line();
  out.line(out.style.bold('The command line'));
  out.table(
    [{ title: 'CODE' }, { title: 'EXIT' }, { title: 'MEANING' }],
    own.map((one) => [one.code, String(one.exit), one.meaning]),
  );
  out.line();
  out.line(`Exit codes: ${EXIT_WORDS.map(([code, words]) => `${code} ${words}`).join(' · ')}`);
  return EXIT.done;
}

/** Facts are missing here, so sentences are shown with stand-ins. */
const EXAMPLE: ReasonContext = {
  facts: {},
  method: 'GET',
  path: '/orders/1',
  serverGroup: 'local',
  project: 'orders-api',
  projectTitle: 'Orders API',
  policy: 'POLICY',
};

function explainCode({ out }: Session, given: string): 0 {
  const code = given.toLowerCase();
  const reason = findReason(code);
  if (reason !== undefined) {
    const fixes = reason.fixes(EXAMPLE);
    out.json({ code, status: reason.status, publicCode: reason.publicCode, title: reason.title, fixes });
    out.line(`${out.style.bold(code)}  ${reason.status}`);
    out.line();
    out.line(`The caller sees ${reason.publicCode}: ${reason.title}`);
    if (reason.oauthError !== undefined)
      out.line(`At the token end point: error ${reason.oauthError} (RFC 6749 §5.2).`);
    if (reason.bearer !== undefined)
      out.line(
        `WWW-Authenticate: Bearer, ${reason.bearer === 'bare' ? 'with the realm only' : `error ${reason.bearer}`} (RFC 6750 §3).`,
      );
    out.line();
    fixes.forEach(({ text, command }, i) => {
      out.line(`${i === 0 ? out.style.bold('Fix') : '   '}  ${text}`);
      if (command !== undefined) out.line(`       ${out.style.cyan(command)}`);
    });
    out.line();
    out.line(
      out.style.dim(
        `What happened in one call: gatewright why REQUEST-ID · all of them: gatewright log --code ${code}`,
      ),
    );
    return EXIT.done;
  }
  const problem = Object.entries(PROBLEM_STATUS).find(([name]) => name === code);
  if (problem !== undefined) {
    out.json({ code, status: problem[1], exit: exitOfStatus(problem[1]) });
    out.line(
      `${out.style.bold(code)}  the management API refused it with status ${problem[1]}; exit ${exitOfStatus(problem[1])}`,
    );
    out.line('The sentence beside the code says what happened and what to do.');
    return EXIT.done;
  }
  const own = OWN_CODES[code];
  if (own !== undefined) {
    out.json({ code, exit: own[0], meaning: own[1] });
    out.line(`${out.style.bold(code)}  exit ${own[0]}`);
    out.line(own[1]);
    return EXIT.done;
  }
  const told = Object.keys(REASONS).flatMap((name) => {
    const one = findReason(name);
    return one !== undefined && (one.publicCode === code || one.oauthError === code) ? [{ ...one, name }] : [];
  });
  if (told.length > 0) {
    out.json({ code, codes: told.map(({ name }) => name) });
    out.line(
      `${out.style.bold(code)}  what a caller is told; \`gatewright why REQUEST-ID\` says which of these it was:`,
    );
    out.line();
    out.table(
      [{ title: 'CODE' }, { title: 'STATUS' }],
      told.map(({ name, status }) => [name, String(status)]),
    );
    return EXIT.done;
  }
  const near = nearest(code, [...Object.keys(REASONS), ...Object.keys(PROBLEM_STATUS), ...Object.keys(OWN_CODES)]);
  throw new CliError(`There is no code ${given}.`, {
    exit: EXIT.notFound,
    lines: near === undefined ? [] : [`Did you mean ${near}?`],
    fixes: [{ text: 'See them all.', command: 'gatewright help errors' }],
  });
}
