import type { ChildProcess } from 'node:child_process';
import { Agent, type IncomingMessage, request } from 'node:http';
import { findVictims } from './processes.ts';

/** Connections that are open to one worker process. */
export interface WorkerConnections extends Disposable {
  /** Posts a form over one of them; throws when it would have to open another. */
  post(url: string, form: URLSearchParams): Promise<{ readonly status: number; readonly text: string }>;
  /** Gets over one of them; throws as {@link WorkerConnections.post} does. */
  get(
    url: string,
    headers: Readonly<Record<string, string>>,
  ): Promise<{ readonly status: number; readonly text: string }>;
}

/**
 * Opens connections to each gateway worker of a system, or of a lone gateway. Which worker takes a connection is the kernel's choice, so the others are
 * stopped meanwhile.
 * @param url something that is answered
 * @param count how many to each
 */
export async function connectToEachWorker(
  system: { readonly process: ChildProcess },
  url: string,
  count: number,
): Promise<WorkerConnections[]> {
  const workers = findVictims(system.process.pid ?? 0, 'worker');
  const connected: WorkerConnections[] = [];
  for (const worker of workers) {
    const others = workers.filter((pid) => pid !== worker);
    const agent = new Agent({ keepAlive: true, maxSockets: count, maxFreeSockets: count });
    for (const pid of others) process.kill(pid, 'SIGSTOP');
    try {
      await Promise.all(Array.from({ length: count }, () => send(agent, url)));
    } finally {
      for (const pid of others) process.kill(pid, 'SIGCONT');
    }
    const checked = (answer: Awaited<ReturnType<typeof send>>) => {
      if (!answer.isReused) throw new Error('The connection was new: nobody knows which worker took it.');
      return answer;
    };
    connected.push({
      post: async (to, form) => checked(await send(agent, to, { body: form.toString() })),
      get: async (from, headers) => checked(await send(agent, from, { headers })),
      [Symbol.dispose]: () => agent.destroy(),
    });
  }
  return connected;
}

interface Sent {
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

function send(agent: Agent, url: string, { body, headers: given = {} }: Sent = {}) {
  return new Promise<{ status: number; text: string; isReused: boolean }>((resolve, reject) => {
    const form = { 'Content-Type': 'application/x-www-form-urlencoded' };
    const how = body === undefined ? { headers: given } : { method: 'POST', headers: { ...form, ...given } };
    const sent = request(url, { agent, ...how });
    sent.once('response', (answer: IncomingMessage) => {
      let text = '';
      answer.setEncoding('utf8').on('data', (part: string) => {
        text += part;
      });
      answer.once('end', () => resolve({ status: answer.statusCode ?? 0, text, isReused: sent.reusedSocket }));
      answer.once('error', reject);
    });
    sent.once('error', reject);
    sent.end(body);
  });
}
