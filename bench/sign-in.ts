/** Who signs in. */
export interface Owner {
  readonly name: string;
  readonly password: string;
}

/** A page with a form, as a browser without script sees it. */
interface Page {
  readonly url: string;
  readonly text: string;
}

const maxPages = 10;

/**
 * A browser that keeps cookies and follows redirects on the server's own origin. What it gives opens an authorization request, signs in and
 * allows where that is asked, and gives the address that leads back to the client.
 */
export function createBrowser(owner: Owner): (url: string) => Promise<URL> {
  const cookies = new Map<string, string>();

  async function go(url: string, body?: URLSearchParams): Promise<Page | URL> {
    let [at, form] = [url, body];
    for (let redirects = 0; redirects < maxPages; redirects += 1) {
      const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
      const init = form === undefined ? { headers: { cookie } } : { headers: { cookie }, method: 'POST', body: form };
      const answer = await fetch(at, { ...init, redirect: 'manual', signal: AbortSignal.timeout(10_000) });
      for (const line of answer.headers.getSetCookie()) keep(line);
      const text = await answer.text();
      const location = answer.headers.get('location');
      if (location === null) return { url: at, text };
      const next = new URL(location, at);
      if (next.origin !== new URL(at).origin) return next;
      [at, form] = [next.href, undefined];
    }
    throw new Error(`more than ${maxPages} redirects from ${url}`);
  }

  function keep(line: string): void {
    const [, name = '', value = ''] = /^([^=;]+)=([^;]*)/.exec(line) ?? [];
    if (/;\s*max-age=0\b/i.test(line)) cookies.delete(name);
    else cookies.set(name, value);
  }

  return async (url) => {
    let page = await go(url);
    for (let pages = 0; pages < maxPages && !(page instanceof URL); pages += 1) {
      const [, action = '', inputs = ''] = /<form\b[^>]*\baction="([^"]*)"[^>]*>(.*?)<\/form>/s.exec(page.text) ?? [];
      if (action === '') throw new Error(`no way on from ${page.url}: ${wordsOf(page.text)}`);
      page = await go(new URL(plainText(action), page.url).href, fill(inputs, owner));
    }
    if (page instanceof URL) return page;
    throw new Error(`more than ${maxPages} pages from ${url}`);
  };
}

/** Fields as they stand there, name and password, and the button that allows. */
function fill(inputs: string, owner: Owner): URLSearchParams {
  const form = new URLSearchParams();
  for (const [input] of inputs.matchAll(/<input\b[^>]*>/g)) {
    const name = attribute(input, 'name');
    if (name !== '' && attribute(input, 'type') !== 'checkbox') form.set(name, attribute(input, 'value'));
  }
  if (form.has('password')) {
    form.set('username', owner.name);
    form.set('password', owner.password);
  }
  for (const [button] of inputs.matchAll(/<button\b[^>]*\bvalue="allow"[^>]*>/g))
    form.set(attribute(button, 'name'), 'allow');
  return form;
}

/** What a page says, without what it looks like. */
const wordsOf = (page: string) =>
  page
    .replace(/<style.*?<\/style>|<[^>]*>/gs, ' ')
    .replace(/\s+/g, ' ')
    .slice(0, 400);

function attribute(tag: string, name: string): string {
  return plainText(new RegExp(`\\s${name}="([^"]*)"`).exec(tag)?.[1] ?? '');
}

function plainText(text: string): string {
  return text.replaceAll('&quot;', '"').replaceAll('&#39;', "'").replaceAll('&amp;', '&');
}
