import type { Clock } from '#core/clock';
import { Refusal, UnavailableError } from '#core/errors';
import { HeaderList } from '#core/headers';
import type { Logger } from '#core/logger';
import type { HttpResponse } from '#core/message';
import type { Outcome } from '#core/policy';
import type { AnswerHead } from './answer-head.ts';
import type { Exchange } from './exchange.ts';
import type { Pipeline, Step } from './pipeline.ts';
import { renderRefusal } from './refusal.ts';
import { commitHead, sendWhole } from './respond.ts';
import { soapVersionOf } from './soap-fault.ts';

/** What moving an exchange along needs. */
export interface ConductDeps {
  readonly clock: Clock;
  readonly logger: Logger;
}

/**
 * Moves exchanges through their pipeline: Proxy Request → Target Request → target → Target Response → Proxy Response. Synchronous as long
 * as the policies are; a promise of a policy suspends the walk and continues it.
 */
export interface Conduct {
  /** Begins with the first step. */
  start(exchange: Exchange): void;
  /** The target's answer begins; its body streams by. */
  answerFromTarget(exchange: Exchange, status: number, head: AnswerHead): void;
  /** The target's answer in one piece (echo). */
  answerWhole(exchange: Exchange, response: HttpResponse): void;
  /** Refuses: straight to Proxy Response, where only what is meant for refusals runs. */
  refuse(exchange: Exchange, refusal: Refusal): void;
  /** Refuses for whatever was thrown outside a policy. */
  fail(exchange: Exchange, error: unknown): void;
  /** Something that must not happen: logged with its stack, answered as `internal_error`. */
  crash(exchange: Exchange, error: unknown): void;
}

/** Which handlers of the response phases run. */
type Walk = 'target' | 'early' | 'refused';

export function createConduct({ clock, logger }: ConductDeps): Conduct {
  const conduct: Conduct = {
    start: (exchange) => runRequest(exchange, exchange.resource?.pipeline ?? NO_PIPELINE, 0),
    answerFromTarget(exchange, status, head) {
      const pipeline = exchange.resource?.pipeline ?? NO_PIPELINE;
      exchange.status = status;
      exchange.streams = true;
      exchange.answerLength = head.length;
      if (pipeline.targetResponse.length === 0 && pipeline.proxyResponse.length === 0) {
        commitHead(exchange, head.fields);
        return;
      }
      exchange.response = { status, headers: new HeaderList(head.fields), body: undefined };
      runResponse(exchange, pipeline.targetResponse, 0, 'target');
      if (!exchange.committed) exchange.running?.pause();
    },
    answerWhole(exchange, response) {
      exchange.response = response;
      runResponse(exchange, (exchange.resource?.pipeline ?? NO_PIPELINE).targetResponse, 0, 'target');
    },
    refuse,
    fail: (exchange, error) => {
      if (error instanceof Refusal) refuse(exchange, error);
      else crash(exchange, error);
    },
    crash,
  };

  function runRequest(exchange: Exchange, pipeline: Pipeline, from: number): void {
    const steps = pipeline.request;
    let before = from < steps.length ? clock.monotonic() : 0;
    for (let i = from; i < steps.length; i += 1) {
      const step = steps[i];
      if (step === undefined) break;
      if (!step.unwinds) exchange.entered = step.attachment;
      const outcome = runStep(exchange, step);
      if (outcome === FAILED) {
        exchange.stepMs[step.index] = clock.monotonic() - before;
        refuseAt(exchange, step, failure);
        return;
      }
      if (outcome instanceof Promise) {
        const start = before;
        awaitStep(exchange, step, outcome, start, (settled) => {
          if (settled === undefined) runRequest(exchange, pipeline, i + 1);
          else answerEarly(exchange, step, settled);
        });
        return;
      }
      const now = clock.monotonic();
      exchange.stepMs[step.index] = now - before;
      before = now;
      if (outcome !== undefined) {
        answerEarly(exchange, step, outcome as HttpResponse);
        return;
      }
    }
    exchange.step = undefined;
    const target = exchange.resource?.target;
    // A token end point has no target: what its policy does not answer is not there.
    if (target === undefined) refuse(exchange, new Refusal('route_unknown'));
    else target.send(exchange);
  }

  function runResponse(exchange: Exchange, steps: readonly Step[], from: number, walk: Walk): void {
    let before = from < steps.length ? clock.monotonic() : 0;
    for (let i = from; i < steps.length; i += 1) {
      const step = steps[i];
      if (step === undefined || !isDue(exchange, step, walk)) continue;
      if (!step.unwinds) exchange.entered = Math.max(exchange.entered, step.attachment);
      const outcome = runStep(exchange, step);
      if (outcome === FAILED) {
        exchange.stepMs[step.index] = clock.monotonic() - before;
        if (refuseAt(exchange, step, failure)) return;
        continue;
      }
      if (outcome instanceof Promise) {
        const start = before;
        awaitStep(
          exchange,
          step,
          outcome,
          start,
          (settled) => afterResponseStep(exchange, step, steps, i, walk, settled),
          () => runResponse(exchange, steps, i + 1, walk),
        );
        return;
      }
      const now = clock.monotonic();
      exchange.stepMs[step.index] = now - before;
      before = now;
      if (outcome !== undefined) {
        afterResponseStep(exchange, step, steps, i, walk, outcome as HttpResponse);
        return;
      }
    }
    exchange.step = undefined;
    const pipeline = exchange.resource?.pipeline ?? NO_PIPELINE;
    if (walk === 'target' && steps === pipeline.targetResponse) runResponse(exchange, pipeline.proxyResponse, 0, walk);
    else commit(exchange);
  }

  /** An answer given in a response phase takes the place of the one that was there. */
  function afterResponseStep(
    exchange: Exchange,
    step: Step,
    steps: readonly Step[],
    i: number,
    walk: Walk,
    settled: HttpResponse | undefined,
  ): void {
    if (settled !== undefined) {
      exchange.stoppedBy = step;
      exchange.stoppedAs = 'answered';
      replaceResponse(exchange, settled);
      if (step.phase === 'targetResponse') {
        runResponse(exchange, exchange.resource?.pipeline.proxyResponse ?? [], 0, 'early');
        return;
      }
    }
    runResponse(exchange, steps, i + 1, walk);
  }

  /** Gives the outcome, or {@link FAILED} with the error in `failure`: no object a step. */
  function runStep(exchange: Exchange, step: Step): Outcome | Promise<Outcome> | typeof FAILED {
    if (step.handler === undefined) return undefined;
    exchange.step = step;
    try {
      return step.handler(exchange);
    } catch (error) {
      failure = error;
      return FAILED;
    }
  }

  function awaitStep(
    exchange: Exchange,
    step: Step,
    outcome: Promise<Outcome>,
    start: number,
    next: (settled: HttpResponse | undefined) => void,
    skip?: () => void,
  ): void {
    outcome
      .then(
        (settled) => {
          exchange.stepMs[step.index] = clock.monotonic() - start;
          if (isOver(exchange)) return;
          next(settled as HttpResponse | undefined);
        },
        (error: unknown) => {
          exchange.stepMs[step.index] = clock.monotonic() - start;
          if (isOver(exchange)) return;
          if (!refuseAt(exchange, step, error)) skip?.();
        },
      )
      .catch((error: unknown) => crash(exchange, error));
  }

  function answerEarly(exchange: Exchange, step: Step, response: HttpResponse): void {
    exchange.stoppedBy = step;
    exchange.stoppedAs = 'answered';
    replaceResponse(exchange, response);
    runResponse(exchange, exchange.resource?.pipeline.proxyResponse ?? [], 0, 'early');
  }

  /** False when the exchange is refused already: then a second failure is logged and passed over. */
  function refuseAt(exchange: Exchange, step: Step, error: unknown): boolean {
    const refusal = refusalOf(exchange, step, error);
    if (exchange.refusal !== undefined) return false;
    exchange.stoppedBy = step;
    exchange.stoppedAs = error instanceof Refusal ? 'stopped' : 'failed';
    refuse(exchange, refusal);
    return true;
  }

  function refusalOf(exchange: Exchange, step: Step, error: unknown): Refusal {
    if (error instanceof Refusal) return error;
    if (error instanceof UnavailableError) return new Refusal('store_unavailable', { detail: error.message });
    logger.error(
      { requestId: exchange.requestId, policy: step.policy, phase: step.phase, stack: stackOf(error) },
      'a policy failed',
    );
    return new Refusal('policy_error', {
      detail: error instanceof Error ? error.name : typeof error,
      phase: step.phase,
    });
  }

  function refuse(exchange: Exchange, refusal: Refusal): void {
    if (exchange.refusal !== undefined || isOver(exchange)) return;
    if (exchange.committed && exchange.heldHeaders === undefined) {
      // Part of the answer is out: only a broken connection tells the client that it is not whole.
      exchange.refusal = refusal;
      dropCall(exchange);
      exchange.http.destroy();
      return;
    }
    exchange.refusal = refusal;
    if (refusal.code === 'request_invalid') exchange.http.closeAfterwards();
    exchange.committed = false;
    exchange.heldHeaders = undefined;
    replaceResponse(
      exchange,
      renderRefusal(refusal, {
        requestId: exchange.requestId,
        verbose: exchange.verbose,
        tokenEndpoint: exchange.project?.tokenEndpoint === true,
        soap: soapVersionOf(exchange.headers, exchange.project?.soap === true),
        context: {
          method: exchange.method,
          path: exchange.path,
          serverGroup: exchange.serverGroup,
          project: exchange.project?.name ?? '',
          projectTitle: exchange.project?.displayName ?? '',
          policy: exchange.stoppedBy?.policy ?? '',
        },
      }),
    );
    runResponse(exchange, exchange.resource?.pipeline.proxyResponse ?? [], 0, 'refused');
  }

  function crash(exchange: Exchange, error: unknown): void {
    logger.error({ requestId: exchange.requestId, stack: stackOf(error) }, 'the gateway failed');
    if (exchange.committed || exchange.refusal !== undefined) {
      dropCall(exchange);
      exchange.http.destroy();
    } else refuse(exchange, new Refusal('internal_error'));
  }

  let failure: unknown;
  return conduct;
}

const FAILED = Symbol('failed');
const NO_PIPELINE: Pipeline = { request: [], targetResponse: [], proxyResponse: [], steps: [], guards: new Set() };

function isDue(exchange: Exchange, step: Step, walk: Walk): boolean {
  if (step.unwinds && step.attachment > exchange.entered) return false;
  if (walk === 'refused') return step.onRefusal && exchange.stepMs[step.index] === undefined;
  return step.handler !== undefined || walk === 'target';
}

/** The client is gone, or everything was said: a policy that was still at work comes too late. */
function isOver(exchange: Exchange): boolean {
  return exchange.closed || exchange.ended;
}

function replaceResponse(exchange: Exchange, response: HttpResponse): void {
  dropCall(exchange);
  exchange.streams = false;
  exchange.response = response;
}

function dropCall(exchange: Exchange): void {
  exchange.running?.cancel();
  exchange.running = undefined;
}

function commit(exchange: Exchange): void {
  const { response } = exchange;
  if (response === undefined) return;
  exchange.status = response.status;
  if (!exchange.streams || response.body !== undefined) {
    dropCall(exchange);
    sendWhole(exchange, response);
    return;
  }
  commitHead(exchange, response.headers.raw);
  exchange.running?.resume();
}

function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
