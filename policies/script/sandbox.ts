import { newQuickJSWASMModuleFromVariant, type QuickJSContext, type QuickJSHandle } from 'quickjs-emscripten-core';
import { PRELUDE } from './prelude.ts';

/** A script with what it may see and take. */
export interface ScriptRun {
  readonly source: string;
  /** What `prelude.ts` reads, as JSON. */
  readonly input: string;
  readonly timeLimitMs: number;
  readonly memoryLimitBytes: number;
}

/** How it ended. Nothing of what it worked on stands in a failure but names of its own code. */
export type ScriptEnd =
  | { readonly kind: 'done'; readonly written: string }
  | { readonly kind: 'repeated'; readonly parameter: string; readonly place: string }
  | { readonly kind: 'failed'; readonly detail: string; readonly line: number | undefined };

/** Runs one script after the other, each in a world of its own. */
export type Sandbox = (run: ScriptRun) => ScriptEnd;

const STACK_BYTES = 262_144;
const OUTPUT_CHARACTERS = 65_536;
/** Errors whose message names code, not data. */
const TOLD: ReadonlySet<string> = new Set(['ReferenceError', 'TypeError']);
const NAMED: ReadonlySet<string> = new Set([...TOLD, 'SyntaxError', 'RangeError', 'InternalError', 'URIError']);

/**
 * Loads QuickJS. It has no host objects: no files, network, timers or modules; only the language and `message`.
 * @param cpuMs milliseconds for which this thread has worked: a busy machine takes no time from a script
 */
export async function openSandbox(cpuMs: () => number): Promise<Sandbox> {
  const quickjs = await newQuickJSWASMModuleFromVariant(import('@jitl/quickjs-wasmfile-release-sync'));
  return (run) => {
    const endsAt = cpuMs() + run.timeLimitMs;
    using runtime = quickjs.newRuntime();
    runtime.setMemoryLimit(run.memoryLimitBytes);
    runtime.setMaxStackSize(STACK_BYTES);
    runtime.setInterruptHandler(() => cpuMs() > endsAt);
    using context = runtime.newContext();
    return runIn(context, run);
  };
}

function runIn(context: QuickJSContext, run: ScriptRun): ScriptEnd {
  using made = context.evalCode(PRELUDE, 'prelude.js');
  if (made.error) return failureOf(context, made.error, run);
  using input = context.newString(run.input);
  using finish = context.callFunction(made.value, context.undefined, input);
  if (finish.error) return failureOf(context, finish.error, run);
  using ended = context.evalCode(run.source, 'script.js');
  if (ended.error) return failureOf(context, ended.error, run);
  using written = context.callFunction(finish.value, context.undefined);
  if (written.error) return failureOf(context, written.error, run);
  if (lengthOf(context, written.value) > OUTPUT_CHARACTERS)
    return { kind: 'failed', detail: `it wrote more than ${OUTPUT_CHARACTERS} characters`, line: undefined };
  return { kind: 'done', written: context.getString(written.value) };
}

function failureOf(context: QuickJSContext, error: QuickJSHandle, run: ScriptRun): ScriptEnd {
  const parameter = textIn(context, error, 'parameter');
  const place = textIn(context, error, 'place');
  if (parameter !== '' && (place === 'query' || place === 'form')) return { kind: 'repeated', parameter, place };
  const given = textIn(context, error, 'name');
  const name = NAMED.has(given) ? given : 'Error';
  const message = textIn(context, error, 'message');
  const found = /script\.js:(\d+)/.exec(textIn(context, error, 'stack'))?.[1];
  const line = found === undefined ? undefined : Number(found);
  return {
    kind: 'failed',
    detail: `${wordsOf(name, message, run)}${line === undefined ? '' : `, in line ${line}`}`,
    line,
  };
}

function wordsOf(name: string, message: string, { timeLimitMs, memoryLimitBytes }: ScriptRun): string {
  if (name === 'InternalError' && message === 'interrupted') return `it ran longer than ${timeLimitMs} ms`;
  if (name === 'InternalError' && message === 'out of memory') return `it needed more than ${memoryLimitBytes} bytes`;
  return TOLD.has(name) ? `${name}: ${message.slice(0, 200)}` : name;
}

/** A property that is a string; what a script threw may be anything, and reading it may throw again. */
function textIn(context: QuickJSContext, value: QuickJSHandle, name: string): string {
  try {
    if (context.typeof(value) !== 'object') return '';
    using property = context.getProp(value, name);
    return context.typeof(property) === 'string' ? context.getString(property).slice(0, 4096) : '';
  } catch {
    return '';
  }
}

function lengthOf(context: QuickJSContext, text: QuickJSHandle): number {
  using length = context.getProp(text, 'length');
  return context.getNumber(length);
}
