import { useMemo, useState } from 'react';
import { ApiProblem } from '../../api/problem.ts';
import { checkSettings } from '../../schema-form/check-settings.ts';
import type { Field, Settings } from '../../schema-form/field.ts';
import type { JsonError } from '../../schema-form/json-error.ts';
import { readJson, writeJson } from '../../schema-form/json-text.ts';
import { isSame } from '../../schema-form/settings-path.ts';

/** What a person is writing of a policy. */
export interface PolicyContent {
  readonly displayName: string;
  readonly settings: Settings;
}

const CONFIG = '/config';
const NAME = '/displayName';
/** As the server checks it (core/model/name.ts). */
const NAME_RULE = /^[\p{L}\p{N}](?:[\p{L}\p{N} ._–-]*[\p{L}\p{N}._-])?$/u;
const NAME_LENGTH = 64;

/** Edits of a policy: its name and settings, as a form or as JSON, and what is wrong with them. */
export function usePolicyDraft(fields: readonly Field[], saved: PolicyContent) {
  const [content, setContent] = useState(saved);
  const [json, setJson] = useState<{ readonly text: string; readonly problem: JsonError | undefined }>();
  const [left, setLeft] = useState<ReadonlySet<string>>(new Set());
  const [isTried, setTried] = useState(false);
  const [refused, setRefused] = useState<ReadonlyMap<string, string>>(new Map());

  const found = useMemo(() => problemsOf(fields, content), [fields, content]);
  const errors = new Map([...found].filter(([pointer]) => isTried || left.has(pointer)));
  for (const [pointer, message] of refused) if (!errors.has(pointer)) errors.set(pointer, message);

  const change = (next: PolicyContent) => {
    setContent(next);
    // What the server said is about what was sent.
    setRefused(new Map());
  };
  return {
    content,
    json,
    /** What is wrong, by pointer: `/displayName`, `/config/realm`. */
    errors,
    /** It was tried to send it: from then on all that is wrong is listed above. */
    isTried: isTried || refused.size > 0,
    isDirty: content.displayName !== saved.displayName || !isSame(content.settings, saved.settings),
    setDisplayName: (displayName: string) => change({ ...content, displayName }),
    setSettings: (settings: Settings) => change({ ...content, settings }),
    leave: (pointer: string) => setLeft(new Set([...left, pointer])),
    /** Goes over to JSON, or back to the form. */
    showJson: (isJson: boolean) =>
      setJson(isJson ? { text: writeJson(content.settings), problem: undefined } : undefined),
    setJsonText: (text: string) => {
      const reading = readJson(text);
      setJson({ text, problem: 'problem' in reading ? reading.problem : undefined });
      if ('settings' in reading) change({ ...content, settings: reading.settings });
    },
    /** Checks all; true when it can be sent. */
    check: () => {
      setTried(true);
      return found.size === 0 && json?.problem === undefined;
    },
    /** Takes what the server refuses. @returns true when every bit of it stands at a field */
    refuse: (error: unknown): boolean => {
      if (!(error instanceof ApiProblem) || error.errors.length === 0) return false;
      setRefused(new Map(error.errors.map(({ pointer, message }) => [pointer, message])));
      return true;
    },
    /** Begins anew from something saved. */
    reset: (from: PolicyContent) => {
      change(from);
      setLeft(new Set());
      setTried(false);
      setJson((before) => before && { text: writeJson(from.settings), problem: undefined });
    },
  };
}

export type PolicyDraft = ReturnType<typeof usePolicyDraft>;

/** The errors below `/config`, by pointer within the settings. */
export function settingErrors(errors: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  return new Map(
    [...errors]
      .filter(([pointer]) => pointer.startsWith(`${CONFIG}/`))
      .map(([pointer, message]) => [pointer.slice(CONFIG.length), message]),
  );
}

function problemsOf(fields: readonly Field[], { displayName, settings }: PolicyContent): ReadonlyMap<string, string> {
  const problems = new Map<string, string>();
  if (displayName.trim() === '') problems.set(NAME, 'Give it a name.');
  else if (displayName.length > NAME_LENGTH) problems.set(NAME, `At most ${NAME_LENGTH} characters.`);
  else if (!NAME_RULE.test(displayName))
    problems.set(NAME, 'Letters, digits, spaces and . - _ only, starting with a letter or digit.');
  for (const { pointer, message } of checkSettings(fields, settings)) problems.set(CONFIG + pointer, message);
  return problems;
}
