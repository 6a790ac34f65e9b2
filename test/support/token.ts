/** An answer of a token end point. */
export interface TokenAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: {
    access_token?: string;
    token_type?: string;
    expires_in?: number;
    scope?: string;
    error?: string;
    error_description?: string;
  };
}

/** Asks a token end point with a form body; `parameters` as they are. */
export async function postForm(
  url: string,
  parameters: Readonly<Record<string, string>>,
  headers: Readonly<Record<string, string>> = {},
): Promise<TokenAnswer> {
  const answer = await fetch(url, { method: 'POST', headers, body: new URLSearchParams(parameters) });
  return { status: answer.status, headers: answer.headers, body: (await answer.json()) as TokenAnswer['body'] };
}

/** Gets a token by client credentials in the body, or throws. */
export async function getToken(
  url: string,
  consumerKey: string,
  consumerSecret: string,
  scope?: string,
): Promise<string> {
  const answer = await postForm(url, {
    grant_type: 'client_credentials',
    client_id: consumerKey,
    client_secret: consumerSecret,
    ...(scope === undefined ? {} : { scope }),
  });
  if (answer.body.access_token === undefined)
    throw new Error(`no token: ${answer.status} ${JSON.stringify(answer.body)}`);
  return answer.body.access_token;
}
