import { CliError, type Help } from './cli-error.ts';
import { EXIT, exitOfStatus } from './exit-code.ts';
import type { HttpAnswer, HttpFailure } from './http.ts';
import type { ServerPlace } from './server-place.ts';

/** The error for a refusal of the management API (problem+json), or for an answer that is none. */
export function problemError(answer: HttpAnswer, place: ServerPlace): CliError {
  const body = parseProblem(answer.body);
  const exit = exitOfStatus(answer.status);
  const title = text(body.title) ?? `The server answered ${answer.status}.`;
  const detail = text(body.detail);
  const fixes = parseFixes(body.fixes);
  const errors = parseErrors(body.errors);
  // One wrong value is the sentence itself.
  const only = errors.length === 1 ? errors[0] : undefined;
  const isSaid = detail !== undefined && only !== undefined && detail.includes(only.message);
  return new CliError(detail ?? title, {
    code: text(body.code) ?? `http_${answer.status}`,
    exit,
    status: answer.status,
    requestId: text(body.requestId),
    lines: detail === undefined || errors.length > 0 || detail.includes(title) ? [] : [title],
    errors,
    isDetailSaid: isSaid,
    fixes: fixes.length > 0 ? fixes : fixesFor(answer.status, place),
  });
}

/** The error for a server that cannot be reached. */
export function unreachableError(place: ServerPlace, failure: HttpFailure): CliError {
  if (place.kind === 'socket') return socketError(place.dataDir, failure);
  return new CliError(`${place.url.origin} did not answer: ${reason(failure)}`, {
    exit: EXIT.unreachable,
    fixes: [
      ...(isUntrusted(failure)
        ? TRUST_FIXES
        : [
            {
              text: 'Check the address and that the manager runs there.',
              command: `gatewright doctor --server ${place.url.origin}`,
            },
          ]),
      { text: 'Use the one on this machine.', command: 'env -u GATEWRIGHT_SERVER gatewright status' },
    ],
    cause: failure,
  });
}

function socketError(dataDir: string, failure: HttpFailure): CliError {
  if (failure.code === 'EACCES' || failure.code === 'EPERM') {
    return new CliError(`The socket in ${dataDir} belongs to another user.`, {
      exit: EXIT.notAllowed,
      fixes: [{ text: 'Run as the user that started Gatewright, or use GATEWRIGHT_SERVER and GATEWRIGHT_TOKEN_FILE.' }],
      cause: failure,
    });
  }
  const isAbsent = failure.code === 'ENOENT' || failure.code === 'ECONNREFUSED';
  return new CliError(isAbsent ? 'Gatewright is not running here.' : `Gatewright did not answer: ${reason(failure)}`, {
    exit: EXIT.unreachable,
    lines: [`Looked for it in the data directory ${dataDir}.`],
    fixes: [
      { text: 'Start it.', command: 'gatewright start' },
      { text: 'It runs with another data directory?', command: 'gatewright --data-dir DIR status' },
      { text: 'It runs elsewhere?', command: 'GATEWRIGHT_SERVER=URL GATEWRIGHT_TOKEN_FILE=FILE gatewright status' },
    ],
    cause: failure,
  });
}

function fixesFor(status: number, place: ServerPlace): Help[] {
  if (status === 401 && place.kind === 'url') {
    return [
      { text: 'Sign in.', command: `gatewright login --server ${place.url.origin}` },
      { text: 'Or put a management key into a file and name it in GATEWRIGHT_TOKEN_FILE.' },
      {
        text: 'Make one where Gatewright runs.',
        command: 'gatewright management-key create NAME roles=viewer --out FILE',
      },
    ];
  }
  if (status === 412) return [{ text: 'Someone changed it meanwhile: look at it, then do it again.' }];
  if (status === 429) return [{ text: 'Wait a moment and do it again.' }];
  return [];
}

/** What helps against a certificate that is not trusted. */
export const TRUST_FIXES: readonly Help[] = [
  {
    text: 'Trust its certificate, or the authority that signed it.',
    command: 'NODE_EXTRA_CA_CERTS=FILE.pem gatewright …',
  },
];

/** True when the other side was reached, but showed a certificate that nobody here trusts. */
export function isUntrusted({ code }: HttpFailure): boolean {
  return /CERT|SIGNATURE/.test(code);
}

/** Why there was no answer, in words. */
export function reason(failure: HttpFailure): string {
  if (isUntrusted(failure)) return `its certificate is not trusted (${failure.message.split(';')[0]}).`;
  switch (failure.code) {
    case 'ECONNREFUSED':
      return 'the connection was refused.';
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return 'its name could not be found.';
    case 'ECONNRESET':
      return 'the connection was cut.';
    default:
      return failure.message.endsWith('.') ? failure.message : `${failure.message}.`;
  }
}

function parseProblem(body: Buffer): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(body.toString('utf8'));
    return typeof value === 'object' && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}

function parseFixes(value: unknown): Help[] {
  if (!Array.isArray(value)) return [];
  return value.flatMap((fix: unknown): Help[] => {
    const { text: words, command } = { text: undefined, command: undefined, ...(typeof fix === 'object' ? fix : {}) };
    return text(words) === undefined ? [] : [{ text: text(words) ?? '', command: text(command) }];
  });
}

function parseErrors(value: unknown): { pointer: string; code: string; message: string }[] {
  if (!Array.isArray(value)) return [];
  return value.flatMap((error: unknown) => {
    const fields = { pointer: '', code: '', message: undefined, ...(typeof error === 'object' ? error : {}) };
    const message = text(fields.message);
    return message === undefined
      ? []
      : [{ pointer: text(fields.pointer) ?? '', code: text(fields.code) ?? '', message }];
  });
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
