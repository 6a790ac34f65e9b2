import type { PolicyVerdict, Why } from '#core/model/exchange-record';
import { type Api, at } from '../api.ts';
import { CliError, usageError } from '../cli-error.ts';
import type { Run } from '../command-spec.ts';
import { clockTime, took } from '../duration.ts';
import { EXIT } from '../exit-code.ts';
import type { Output } from '../output.ts';
import { plain } from '../plain.ts';
import type { Session } from '../session.ts';
import { width } from '../table.ts';

/** Records reach the manager within this after the answer; so long an id that is not known yet is asked for again. */
const ARRIVAL_MS = 3000;

/** `gatewright why`: the sentence, what each policy did, and what would help. */
export const whyCommand: Run = async (session, input) => {
  const id = input.argument(0).trim();
  if (!/^req_[0-9A-Za-z]{1,32}$/.test(id)) {
    throw usageError(
      `"${plain(id)}" is no request id. It is in the X-Request-Id field of the answer, and begins with req_.`,
      [{ text: 'See the newest requests.', command: 'gatewright log' }],
    );
  }
  session.doing = `explain ${id}`;
  const why = await findWhy(session, await session.api(), id);
  session.out.json({ ...why, endpoint: why.phase ?? null });
  showWhy(session.out, why);
  return EXIT.done;
};

async function findWhy(session: Session, api: Api, id: string): Promise<Why> {
  const until = session.clock.monotonic() + ARRIVAL_MS;
  const waiting = await session.out.wait(`Looking for ${id}`);
  try {
    for (;;) {
      const why = await api.find<Why>(at`/requests/${id}/why`);
      if (why !== undefined) return why;
      if (session.clock.monotonic() >= until) break;
      await session.sleep(200);
    }
  } finally {
    waiting.stop();
  }
  throw new CliError(`There is no request ${id}.`, {
    exit: EXIT.notFound,
    lines: [
      'Records are kept for 7 days unless set otherwise; gateways send them within 2 s. Of successes above 200 a second only some are kept.',
      'Was it answered by this system?',
    ],
    fixes: [{ text: 'Look at the newest requests.', command: 'gatewright log' }],
  });
}

function showWhy(out: Output, why: Why): void {
  const { style } = out;
  const { record } = why;
  const where = [
    why.requestId,
    clockTime(record.at),
    record.gateway,
    `${record.projectDisplayName ?? ''}${record.version === undefined ? '' : ` v${record.version}`}`,
  ];
  out.line(
    `${style.bold(String(record.status))} ${plain(record.method)} ${plain(record.path)}   ${style.dim(
      where
        .filter((part) => part.trim() !== '')
        .map(plain)
        .join('  '),
    )}`,
  );
  out.line();
  out.line(
    why.code === 'ok' ? style.green(style.bold(plain(why.sentence))) : style.yellow(style.bold(plain(why.sentence))),
  );
  const label = Math.max(0, ...why.facts.map((one) => width(one.label)));
  for (const fact of why.facts) {
    out.line(`${style.dim(plain(fact.label) + ' '.repeat(label - width(fact.label)))}   ${plain(fact.value)}`);
  }
  const steps = stepsOf(why);
  if (steps.length > 0) out.line();
  const widest = Math.max(0, ...steps.map(({ name }) => width(name)));
  const wide = Math.max(0, ...steps.map(({ outcome }) => width(outcome)));
  for (const { mark, name, outcome, ms } of steps) {
    const line = `${name}${' '.repeat(widest - width(name))}   ${outcome}${' '.repeat(wide - width(outcome))}`;
    const marks = { stopped: style.red('✖'), passed: style.green('✔'), skipped: style.dim('·') };
    out.line(
      `${marks[mark]}   ${mark === 'stopped' ? style.bold(line) : mark === 'skipped' ? style.dim(line.trimEnd()) : line}${ms === undefined ? '' : style.dim(`   ${took(ms)}`)}`,
    );
  }
  if (why.fixes.length > 0) out.line();
  why.fixes.forEach(({ text, command }, i) => {
    out.line(`${i === 0 ? style.bold('Fix') : '   '}  ${plain(text)}`);
    if (command !== undefined) out.line(`       ${style.cyan(plain(command))}`);
  });
  if (why.similar.count > 1 && why.code !== 'ok') {
    out.line();
    const since = Math.round(why.similar.sinceMs < 1e11 ? why.similar.sinceMs / 60_000 : 30);
    out.line(
      style.dim(`${why.similar.count} like this in the last ${since} minutes: gatewright log --code ${why.code}`),
    );
  }
}

interface Step {
  readonly mark: 'passed' | 'stopped' | 'skipped';
  readonly name: string;
  readonly outcome: string;
  readonly ms: number | undefined;
}

function stepsOf({ record }: Why): Step[] {
  const request = record.policies.filter(({ phase }) => phase === 'proxyRequest' || phase === 'targetRequest');
  const answer = record.policies.filter((verdict) => !request.includes(verdict));
  const { target } = record;
  const call: Step[] =
    target === undefined
      ? []
      : [
          {
            mark: target.outcome === 'answered' ? 'passed' : 'stopped',
            name: `Target ${plain(target.target)} (${plain(target.url)})`,
            outcome:
              target.outcome === 'answered'
                ? `answered ${target.status ?? ''}`.trim()
                : `failed: ${plain(target.error ?? 'no answer')}`,
            ms: target.firstByteMs,
          },
        ];
  const none: Step[] =
    target === undefined && record.project !== undefined
      ? [{ mark: 'skipped', name: 'Target', outcome: 'not called', ms: undefined }]
      : [];
  return [...request.map(stepOf), ...call, ...none, ...answer.map(stepOf)];
}

function stepOf({ displayName, outcome, code, ms }: PolicyVerdict): Step {
  const words: Readonly<Record<PolicyVerdict['outcome'], readonly [Step['mark'], string]>> = {
    passed: ['passed', 'passed'],
    answered: ['passed', 'answered here'],
    stopped: ['stopped', code ?? 'stopped here'],
    failed: ['stopped', code ?? 'failed'],
    'not-reached': ['skipped', 'not reached'],
  };
  const [mark, text] = words[outcome];
  return { mark, name: plain(displayName), outcome: plain(text), ms: outcome === 'not-reached' ? undefined : ms };
}
