import * as z from 'zod';
import { lineSchema, nameSchema } from '#core/model/name';

/** Longest logo, as text: a picture of some 48 KiB. */
const MAX_LOGO = 65_536;
const LOGO = /^(?:data:image\/(?:png|jpeg|svg\+xml);base64,[A-Za-z0-9+/]+={0,2})?$/;

const page = z.strictObject({
  title: lineSchema.max(80).default('').meta({
    title: 'Title',
    description: 'Name of your organisation or service; it stands above every page. Empty: none.',
  }),
  logo: z
    .string()
    .max(MAX_LOGO, 'At most 64 KiB of text.')
    .regex(LOGO, 'Write data:image/png;base64,… (or jpeg, svg+xml), or nothing.')
    .default('')
    .meta({
      title: 'Logo',
      description: 'A PNG, JPEG or SVG picture as data: URI. The pages load nothing from elsewhere.',
      format: 'multiline',
    }),
  accentColor: z
    .string()
    .regex(/^#[0-9A-Fa-f]{6}$/, 'Write #rrggbb.')
    .default('#2f5fde')
    .meta({
      title: 'Accent colour',
      description: 'Colour of the main button; black or white text is put on it, whichever is read better.',
    }),
  footer: lineSchema.max(500).default('').meta({
    title: 'Footer',
    description: 'Plain text below the form, e.g. where terms and privacy are told; https addresses become links.',
  }),
});

/** A list in which nothing stands twice. */
const once = (values: readonly string[]) => new Set(values).size === values.length;

/** Settings of the OAuth Authorization End Point policy. */
export const schema = z.strictObject({
  tokenProject: nameSchema.meta({
    title: 'Token end point project',
    description: 'Name of the OAuth Token End Point project whose issuer, token store and keys it shares.',
  }),
  directories: z
    .array(nameSchema)
    .min(1, 'Name one directory at least.')
    .max(10)
    .refine(once, 'Each directory once.')
    .default(['local'])
    .meta({
      title: 'User directories',
      description: 'Names of the directories whose people can sign in, in the order of the sign-in page.',
    }),
  consent: z.enum(['remember', 'always']).default('remember').meta({
    title: 'Ask for consent',
    description:
      'remember: once for each application and scope; public applications are asked for each time, since others can use their name. always: each time.',
  }),
  requirePkce: z.enum(['public', 'always']).default('public').meta({
    title: 'Require PKCE',
    description:
      'public: public clients need a code challenge (RFC 7636, S256), others may send one. always: every client needs one (RFC 9700 §2.1.1 advises it).',
  }),
  codeExpiryMs: z
    .int()
    .min(1000, 'At least 1 s (1000).')
    .max(600_000, 'At most 10 min (RFC 6749 §4.1.2).')
    .default(60_000)
    .meta({
      title: 'Authorization Code Expiry Time',
      description: 'How long a code is good; it is good once.',
      unit: 'ms',
    }),
  sessionExpiryMs: z
    .int()
    .min(60_000, 'At least 1 min (60000).')
    .max(2_592_000_000, 'At most 30 days.')
    .default(28_800_000)
    .meta({
      title: 'Session Expiry Time',
      description: 'How long people stay signed in in their browser, at most until it ends.',
      unit: 'ms',
    }),
  responseTypes: z
    .array(z.enum(['code', 'token']))
    .min(1, 'Offer one response type at least.')
    .refine(once, 'Each response type once.')
    .default(['code'])
    .meta({
      title: 'Response types',
      description:
        'code: the authorization code grant. token: the implicit grant, which RFC 9700 §2.1.2 advises against.',
      group: 'advanced',
    }),
  responseModes: z
    .array(z.enum(['query', 'fragment', 'form_post']))
    .min(1, 'Offer one response mode at least.')
    .refine(once, 'Each response mode once.')
    .default(['query', 'fragment', 'form_post'])
    .meta({
      title: 'Response modes',
      description: 'How answers may come to the application when it asks for a certain way with response_mode.',
      group: 'advanced',
    }),
  requirePushedRequest: z.boolean().default(false).meta({
    title: 'Pushed requests only',
    description: 'Take requests only that the application pushed to the token end point’s /par before (RFC 9126).',
    group: 'advanced',
  }),
  failedSignInLimit: z.int().min(1).max(1000).default(5).meta({
    title: 'Failed sign-ins',
    description:
      'Failed sign-ins that are taken within a quarter of an hour, for each name from one address; for one client or address ten times as many. Over all workers; with counters on Redis over all gateways. Nobody is locked for others.',
    group: 'advanced',
  }),
  page: page.prefault({}).meta({
    title: 'Look of the pages',
    description: 'Title, logo and colour of the sign-in, consent and error pages.',
    group: 'advanced',
  }),
});

/** The settings, parsed. */
export type Config = z.infer<typeof schema>;
