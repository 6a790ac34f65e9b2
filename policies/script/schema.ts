import { Script } from 'node:vm';
import * as z from 'zod';
import { attributeNameSchema } from '../text.ts';

/** Settings of the Script policy. */
export const schema = z.strictObject({
  source: z
    .string()
    .min(1, 'Write a script.')
    .max(65_536, 'At most 64 KiB.')
    .superRefine((source, { addIssue }) => {
      const problem = syntaxProblem(source);
      if (problem !== undefined) addIssue({ code: 'custom', message: problem });
    })
    .meta({
      title: 'Script',
      description:
        'JavaScript. message.get(name) and message.set(name, value) read and write attributes; message.request has method, path, header(name), query(name) and form(name).',
      format: 'multiline',
    }),
  writes: z
    .array(attributeNameSchema)
    .max(50, 'At most 50.')
    .refine((names) => new Set(names).size === names.length, 'Each attribute once.')
    .default([])
    .meta({ title: 'Attributes it writes', description: 'Names that message.set takes, e.g. scopes.for.token.' }),
  readForm: z.boolean().default(false).meta({
    title: 'Read the form',
    description: 'Let message.request.form see the form that was sent, up to 64 KiB; a larger one is refused.',
  }),
  timeLimitMs: z.int().min(1).max(1000, 'At most 1 s.').default(50).meta({
    title: 'Time limit',
    description: 'Most time of a processor that the script may take.',
    unit: 'ms',
    group: 'advanced',
  }),
  memoryLimitBytes: z
    .int()
    .min(1_048_576, 'At least 1 MiB.')
    .max(67_108_864, 'At most 64 MiB.')
    .default(8_388_608)
    .meta({
      title: 'Memory limit',
      description: 'Most memory that the script may hold.',
      unit: 'bytes',
      group: 'advanced',
    }),
});

/** The settings, parsed. */
export type Config = z.infer<typeof schema>;

/** Only read, never run: running is for the sandbox. */
function syntaxProblem(source: string): string | undefined {
  try {
    new Script(source, { filename: 'script.js' });
    return undefined;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    const line = /^script\.js:(\d+)/.exec(error.stack ?? '')?.[1];
    return `${error.message}${line === undefined ? '' : `, in line ${line}`}.`;
  }
}
