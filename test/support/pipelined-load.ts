import { connect } from 'node:net';

/** How often each status came. */
export type StatusCounts = Readonly<Record<string, number>>;

/** Calls that are under way at once on one connection. */
const PIPELINED = 8;

/**
 * Sends GET requests over keep-alive connections, pipelined (RFC 9112 §9.3.2), so that the client costs little next to what it loads. The answers'
 * bodies must not hold a status line.
 */
export async function sendPipelined(
  url: URL,
  { calls, connections }: { readonly calls: number; readonly connections: number },
): Promise<StatusCounts> {
  const counts: Record<string, number> = {};
  const share = Math.ceil(calls / connections);
  await Promise.all(
    Array.from({ length: connections }, (_, i) => runOne(url, Math.max(0, Math.min(share, calls - i * share)), counts)),
  );
  return counts;
}

function runOne(url: URL, calls: number, counts: Record<string, number>): Promise<void> {
  const request = `GET ${url.pathname} HTTP/1.1\r\nHost: ${url.host}\r\n\r\n`;
  let [toSend, toCome, rest] = [calls, calls, ''];
  return new Promise((resolve, reject) => {
    if (calls === 0) return resolve();
    const socket = connect(Number(url.port), url.hostname);
    const send = (n: number): void => {
      const now = Math.min(n, toSend);
      toSend -= now;
      if (now > 0) socket.write(request.repeat(now));
    };
    socket.setEncoding('latin1');
    socket.once('connect', () => send(PIPELINED));
    socket.once('error', reject);
    socket.once('close', () => (toCome === 0 ? resolve() : reject(new Error(`${toCome} calls were not answered.`))));
    socket.on('data', (data: string) => {
      const text = rest + data;
      let come = 0;
      for (const [, status = ''] of text.matchAll(/HTTP\/1\.1 (\d{3}) /g)) {
        counts[status] = (counts[status] ?? 0) + 1;
        come += 1;
      }
      const last = text.lastIndexOf('HTTP/1.1 ');
      // the start of a status line that is cut off by the end of what came is looked at again, nothing else
      rest = /^HTTP\/1\.1 \d{3} /.test(text.slice(last)) ? tailOf(text) : text.slice(Math.max(0, last));
      toCome -= come;
      send(come);
      if (toCome === 0) socket.end();
    });
  });
}

/** The end of a text that may begin a status line. */
function tailOf(text: string): string {
  const mark = 'HTTP/1.1 ';
  for (let n = mark.length - 1; n > 0; n -= 1) if (text.endsWith(mark.slice(0, n))) return mark.slice(0, n);
  return '';
}
