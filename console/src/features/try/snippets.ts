import type { TryRequest } from '#core/model/try';

/** The address of a call: `url` is that of the project. */
function urlOf(request: TryRequest, url: string): string {
  const query = new URLSearchParams(request.query.map(({ name, value }) => [name, value])).toString();
  return `${url.replace(/\/$/, '')}${request.path}${query === '' ? '' : `?${query}`}`;
}

const usesToken = ({ subscription, token }: TryRequest) => subscription !== undefined || token !== undefined;

/** A word for a POSIX shell. */
function shellWord(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/** The call as a curl line; the token is $TOKEN. */
export function asCurl(request: TryRequest, url: string): string {
  const words = [
    'curl -i',
    request.method === 'GET' ? '' : `-X ${request.method}`,
    usesToken(request) ? '-H "Authorization: Bearer $TOKEN"' : '',
    ...request.headers.map(({ name, value }) => `-H ${shellWord(`${name}: ${value}`)}`),
    request.body === undefined ? '' : `-d ${shellWord(request.body)}`,
    shellWord(urlOf(request, url)),
  ];
  return words.filter((word) => word !== '').join(' ');
}

function headersOf(request: TryRequest, token: string): Record<string, string> {
  return {
    ...(usesToken(request) && { authorization: token }),
    ...Object.fromEntries(request.headers.map(({ name, value }) => [name, value])),
  };
}

/** The call in JavaScript. */
export function asFetch(request: TryRequest, url: string): string {
  const options = {
    method: request.method,
    headers: headersOf(request, 'Bearer TOKEN'),
    ...(request.body !== undefined && { body: request.body }),
  };
  return `await fetch(${JSON.stringify(urlOf(request, url))}, ${JSON.stringify(options, undefined, 2)});`;
}

/** The call in Python, with requests. */
export function asPython(request: TryRequest, url: string): string {
  const lines = [
    'import requests',
    '',
    `answer = requests.request(${JSON.stringify(request.method)}, ${JSON.stringify(urlOf(request, url))},`,
    `    headers=${JSON.stringify(headersOf(request, 'Bearer TOKEN'))},`,
    ...(request.body === undefined ? [] : [`    data=${JSON.stringify(request.body)},`]),
    ')',
  ];
  return lines.join('\n');
}

/** The call with our own command line, which gets the token by itself. */
export function asGatewright(request: TryRequest): string {
  return `gatewright call ${request.project} ${request.method} ${shellWord(request.path === '' ? '/' : request.path)} -v`;
}
