import type { PolicyContext, PolicyHandler } from './policy.ts';
import type { TokenEndpointParts, TokenEndpointSettings } from './token-issuer.ts';

/** What the OAuth Authorization End Point policy is set to; the policy's schema is the authority on defaults. */
export interface AuthorizationEndpointSettings {
  /** Name of the token end point project whose issuer, stores and keys it shares (decision 10). */
  readonly tokenProject: string;
  readonly responseTypes: readonly ('code' | 'token')[];
  readonly responseModes: readonly ('query' | 'fragment' | 'form_post')[];
  /** For whom a code challenge is required (RFC 7636); public clients always need one. */
  readonly requirePkce: 'public' | 'always';
  /** Only pushed requests are taken (RFC 9126 §4). */
  readonly requirePushedRequest: boolean;
  readonly codeExpiryMs: number;
  /** Names of directories in which resource owners are looked up, in the order of the sign-in page. */
  readonly directories: readonly string[];
  readonly sessionExpiryMs: number;
  /** `remember`: asked once for each scope, and public clients always; `always`: asked each time. */
  readonly consent: 'remember' | 'always';
  /** Failed sign-ins within a quarter of an hour, for each name and address. */
  readonly failedSignInLimit: number;
  readonly page: {
    readonly title: string;
    /** `data:` URI of a PNG, JPEG or SVG picture; empty: none. */
    readonly logo: string;
    /** `#rrggbb`. */
    readonly accentColor: string;
    /** Shown below the form: links to terms and privacy, plain text with URLs. */
    readonly footer: string;
  };
}

/** A deployed token end point project, as the authorization end point that shares its issuer needs it. */
export interface TokenProject {
  readonly id: string;
  readonly name: string;
  readonly displayName: string;
  readonly issuer: string;
  readonly contextPath: string;
  readonly settings: TokenEndpointSettings;
  /** What it was compiled with: tokens of the implicit grant are made as it makes them. */
  readonly context: PolicyContext;
  readonly parts: TokenEndpointParts;
}

/** A deployed authorization end point project, for the metadata of its token project. */
export interface AuthorizationProject {
  readonly name: string;
  /** URL of the authorization end point, e.g. `https://login.example.com/authorize`. */
  readonly url: string;
  readonly settings: AuthorizationEndpointSettings;
}

/** What is deployed together here, looked up at each request: a swap changes it. */
export interface DeployedEndpoints {
  findTokenProject(name: string): TokenProject | undefined;
  /** Id of a deployed project of any kind, by its name. */
  findProjectId(name: string): string | undefined;
  /** The authorization end point projects that name this token project. */
  authorizationProjectsOf(tokenProjectName: string): readonly AuthorizationProject[];
}

/** Makes the handler of an authorization end point. The authorization server implements it; the policy is its adapter. */
export interface AuthorizationEndpoint {
  compileAuthorization(settings: AuthorizationEndpointSettings, context: PolicyContext): PolicyHandler;
}
