/**
 * A resource owner in a browser without script: keeps cookies, follows redirects on the pages' own origin, fills in forms and presses their
 * buttons. What leads elsewhere (back to a client) is not followed: it is what tests look at.
 */
export interface OwnerBrowser {
  /** Opens an address. */
  open(url: string): Promise<Page>;
  /** Fills in the only form of a page, or the one that has a button of that text, and presses it. */
  submit(page: Page, values?: Readonly<Record<string, string>>, button?: string): Promise<Page>;
  /** Opens an authorization request, signs in where that is asked, allows where that is asked, and gives the address that leads back. */
  authorize(url: string, owner: { readonly name: string; readonly password: string }): Promise<URL>;
  /** The cookies, by name. */
  readonly cookies: Map<string, string>;
}

/** A page, or where it leads. */
export interface Page {
  readonly url: string;
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** Where the browser would go, when that is another origin. */
  readonly leadsTo: URL | undefined;
}

interface Form {
  readonly action: string;
  readonly method: string;
  readonly fields: Readonly<Record<string, string>>;
  readonly buttons: readonly { readonly text: string; readonly name: string | undefined; readonly value: string }[];
}

const MAX_REDIRECTS = 10;

/** Opens a browser. @param headers sent with each request */
export function openOwnerBrowser(headers: Readonly<Record<string, string>> = {}): OwnerBrowser {
  const cookies = new Map<string, string>();

  async function go(url: string, init: RequestInit = {}): Promise<Page> {
    let [at, request] = [url, init];
    for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects += 1) {
      const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
      const sent = { ...headers, ...(request.headers as Record<string, string>), ...(cookie !== '' && { cookie }) };
      const answer = await fetch(at, { ...request, headers: sent, redirect: 'manual' });
      for (const line of answer.headers.getSetCookie()) keep(line);
      const location = answer.headers.get('location');
      const { status, headers: answered } = answer;
      const text = await answer.text();
      if (location === null) return { url: at, status, headers: answered, text, leadsTo: undefined };
      const next = new URL(location, at);
      if (next.origin !== new URL(at).origin) return { url: at, status, headers: answered, text, leadsTo: next };
      [at, request] = [next.href, {}];
    }
    throw new Error(`More than ${MAX_REDIRECTS} redirects from ${url}.`);
  }

  function keep(line: string): void {
    const [pair = '', ...attributes] = line.split(';');
    const name = pair.slice(0, pair.indexOf('=')).trim();
    const isOver = attributes.some((attribute) => /^\s*max-age=0$/i.test(attribute));
    if (isOver) cookies.delete(name);
    else cookies.set(name, pair.slice(pair.indexOf('=') + 1).trim());
  }

  const submit = (page: Page, values: Readonly<Record<string, string>> = {}, button?: string): Promise<Page> => {
    const all = formsOf(page.text);
    const form =
      button === undefined ? all[0] : all.find(({ buttons }) => buttons.some(({ text }) => text.startsWith(button)));
    if (form === undefined) throw new Error(`No form with ${button ?? 'a button'} on ${page.url}: ${page.text}`);
    const pressed = button === undefined ? form.buttons[0] : form.buttons.find(({ text }) => text.startsWith(button));
    const body = new URLSearchParams({ ...form.fields, ...values });
    if (pressed?.name !== undefined) body.set(pressed.name, pressed.value);
    return go(new URL(form.action, page.url).href, { method: form.method, body });
  };

  return {
    cookies,
    open: go,
    submit,
    async authorize(url, { name, password }) {
      let page = await go(url);
      for (let pages = 0; pages < 4; pages += 1) {
        if (page.leadsTo !== undefined) return page.leadsTo;
        if (page.text.includes('name="password"')) page = await submit(page, { username: name, password });
        else if (page.text.includes('value="allow"')) page = await submit(page, {}, 'Allow');
        else break;
      }
      if (page.leadsTo !== undefined) return page.leadsTo;
      throw new Error(`Neither a sign-in, a consent nor a way back: ${page.status} ${page.url}\n${page.text}`);
    },
  };
}

/** The forms of a page, as our pages write them: attributes in double quotes. */
export function formsOf(text: string): Form[] {
  return [...text.matchAll(/<form\b([^>]*)>(.*?)<\/form>/gs)].map(([, head = '', body = '']) => {
    const inputs = [...body.matchAll(/<input\b([^>]*)>/g)].map(([, each = '']) => each);
    const named = inputs.flatMap((input) => {
      const name = attribute(input, 'name');
      const isOff = attribute(input, 'type') === 'checkbox' || attribute(input, 'type') === 'radio';
      return name === undefined || isOff ? [] : [[name, attribute(input, 'value') ?? ''] as const];
    });
    const buttons = [...body.matchAll(/<button\b([^>]*)>(.*?)<\/button>/gs)].map(([, each = '', label = '']) => ({
      text: plainText(label.replace(/<[^>]*>/g, '').trim()),
      name: attribute(each, 'name'),
      value: attribute(each, 'value') ?? '',
    }));
    return {
      action: attribute(head, 'action') ?? '',
      method: (attribute(head, 'method') ?? 'get').toUpperCase(),
      fields: Object.fromEntries(named),
      buttons,
    };
  });
}

function attribute(text: string, name: string): string | undefined {
  const value = new RegExp(`\\b${name}="([^"]*)"`).exec(text)?.[1];
  return value === undefined ? undefined : plainText(value);
}

function plainText(text: string): string {
  const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'" };
  return text.replace(/&(amp|lt|gt|quot|#39);/g, (_, entity: string) => entities[entity] ?? '');
}
