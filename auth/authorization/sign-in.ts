import { Refusal, UnavailableError } from '#core/errors';
import type { HttpResponse } from '#core/message';
import type { OwnerCheck, OwnerDirectory } from '#core/resource-owner';
import { formTargetOf } from '../pages/page.ts';
import { signInContent } from '../pages/sign-in.ts';
import { admitRequest } from './admit.ts';
import { checkFormToken, formTokenOf } from './form-token.ts';
import { getInteraction, type Interaction, moveInteraction } from './interaction.ts';
import { type AuthorizationPlace, type PageType, pageUrl, redirectTo, showPage, type Visit } from './place.ts';
import { beginSession } from './session.ts';

const MAX_USERNAME = 256;
const MAX_PASSWORD = 1024;

/** The sign-in page: names and passwords of directories are checked here, other people go to their provider (external.ts). */
export const signInPage: PageType = {
  path: '/sign-in',

  async get(visit, place) {
    const interaction = await interactionOf(visit.query.get('interaction'), visit, place);
    return showSignIn(
      interaction,
      { username: '', directory: undefined, problem: undefined, status: 200 },
      visit,
      place,
    );
  },

  async post(visit, place) {
    const { form, cookie = '', message } = visit;
    const interaction = await interactionOf(form.get('interaction'), visit, place);
    checkFormToken(form.get('form_token'), cookie, `sign-in ${interaction.id}`);
    const clientId = requestOf(interaction, visit, place)?.client.id ?? '';
    const directory = passwordDirectories(place).find(({ name }) => name === form.get('directory'));
    const username = form.get('username')?.trim() ?? '';
    const password = form.get('password') ?? '';
    const tried = { directory: directory?.name ?? '', username, clientId, address: message.remoteAddress };
    const again = ({ code, facts }: Refusal, words: { readonly problem: string; readonly status: number }) => {
      const shown = { username, directory: directory?.name, ...words };
      return new Refusal(code, facts, { answer: showSignIn(interaction, shown, visit, place) });
    };
    try {
      if (directory === undefined)
        throw new Refusal('authorization_not_ready', { directory: 'of the form', detail: 'it is not offered' });
      const attempt = await place.limits.begin(tried);
      const isUsable =
        username !== '' && password !== '' && username.length <= MAX_USERNAME && password.length <= MAX_PASSWORD;
      let checked: OwnerCheck | undefined;
      try {
        checked = isUsable
          ? await askOwners(directory.name, () => place.services.owners.checkPassword({ ...tried, password }))
          : { state: 'wrong' };
      } finally {
        if (checked?.state !== 'wrong') attempt.undo();
      }
      return await finishSignIn(checked, { interaction, directory: directory.name }, visit, place);
    } catch (error) {
      const words = error instanceof Refusal ? wordsOf(error) : undefined;
      throw error instanceof Refusal && words !== undefined ? again(error, words) : error;
    }
  },
};

/** The interaction of a page that leads to sign-in. @throws Refusal `page_outdated` */
export function interactionOf(id: string | undefined, visit: Visit, place: AuthorizationPlace): Promise<Interaction> {
  const { services, context } = place;
  return getInteraction(id, { projectId: context.project.id, cookie: visit.cookie }, services);
}

/** Does what follows a check, whichever directory made it: a session under a new cookie, and on to the page that people came for. @throws Refusal `sign_in_failed`, `owner_disabled`, `sign_in_limited` */
export async function finishSignIn(
  checked: OwnerCheck,
  { interaction, directory }: { readonly interaction: Interaction; readonly directory: string },
  visit: Visit,
  place: AuthorizationPlace,
): Promise<HttpResponse> {
  const { services, context, rules, cookie } = place;
  const address = visit.message.remoteAddress;
  switch (checked.state) {
    case 'wrong':
      throw new Refusal('sign_in_failed', { directory });
    case 'disabled':
      throw new Refusal('owner_disabled', { directory });
    case 'limited':
      throw new Refusal('sign_in_limited', { per: 'directory', address, retryAfterMs: checked.retryAfterMs });
    case 'known': {
      const { owner } = checked;
      const value = await beginSession({ owner, directory, formerCookie: visit.cookie ?? '' }, services, rules);
      await moveInteraction(interaction, { projectId: context.project.id, cookie: value }, services);
      visit.message.note({ subject: owner.subject, directory });
      const next = interaction.next ?? `/consent?interaction=${interaction.id}`;
      return redirectTo(pageUrl(place, next), cookie.write(value));
    }
  }
}

/** Asks the directories. @throws Refusal `authorization_not_ready` when they cannot be reached */
export async function askOwners<Answer>(directory: string, ask: () => Promise<Answer>): Promise<Answer> {
  try {
    return await ask();
  } catch (error) {
    if (!(error instanceof UnavailableError)) throw error;
    throw new Refusal('authorization_not_ready', { directory, detail: error.message });
  }
}

/** The directories of the settings that exist and are on, in their order. */
export function offeredDirectories({ settings, services }: AuthorizationPlace): readonly OwnerDirectory[] {
  return settings.directories.flatMap((name) => services.owners.findDirectory(name) ?? []);
}

function passwordDirectories(place: AuthorizationPlace): readonly OwnerDirectory[] {
  return offeredDirectories(place).filter(({ kind }) => kind !== 'oidc');
}

/** What the person reads above the form, which is shown again: nothing that tells whether a name exists. undefined: the form cannot go on. */
function wordsOf({ code }: Refusal): { readonly problem: string; readonly status: number } | undefined {
  switch (code) {
    case 'sign_in_failed':
      return { problem: 'The user name or password is wrong.', status: 403 };
    case 'sign_in_limited':
      return { problem: 'Too many failed sign-ins. Wait a while, then try again.', status: 429 };
    case 'owner_disabled':
      return { problem: 'This account is disabled.', status: 403 };
    case 'authorization_not_ready':
      return { problem: 'Signing in is not possible at present. Try again later.', status: 503 };
    default:
      return undefined;
  }
}

function showSignIn(
  interaction: Interaction,
  shown: {
    readonly username: string;
    readonly directory: string | undefined;
    readonly problem: string | undefined;
    readonly status: number;
  },
  visit: Visit,
  place: AuthorizationPlace,
): HttpResponse {
  const request = requestOf(interaction, visit, place);
  const offered = offeredDirectories(place);
  if (offered.length === 0) throw new Refusal('authorization_not_ready');
  const { id } = interaction;
  const target = request === undefined ? undefined : formTargetOf(request.redirect.uri);
  const content = signInContent({
    action: pageUrl(place, '/sign-in'),
    interaction: id,
    formToken: formTokenOf(visit.cookie ?? '', `sign-in ${id}`),
    application: request?.client.displayName,
    passwordDirectories: passwordDirectories(place),
    providers: offered
      .filter(({ kind }) => kind === 'oidc')
      .map(({ name, displayName }) => ({
        displayName,
        href: pageUrl(place, '/external', { interaction: id, directory: name }),
      })),
    username: shown.username.slice(0, MAX_USERNAME),
    directory: shown.directory,
    problem: shown.problem,
  });
  const formTargets = target === undefined ? [] : [target];
  return showPage({ status: shown.status, heading: 'Sign in', content, formTargets }, place);
}

function requestOf(interaction: Interaction, visit: Visit, place: AuthorizationPlace) {
  return interaction.parameters === undefined ? undefined : admitRequest(interaction.parameters, visit, place);
}
