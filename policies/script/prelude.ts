/**
 * The first code in each sandbox: makes `message` out of what the host handed in, and gives the host the function that says what was written.
 * What it needs of the language is taken before the script can change it.
 */
export const PRELUDE = `(function (text) {
  'use strict';
  const { parse, stringify } = JSON;
  const { freeze, defineProperty } = Object;
  const isArray = Array.isArray;
  const listOf = Array.from;
  const input = parse(text);
  const own = (object, name) => (Object.prototype.hasOwnProperty.call(object, name) ? object[name] : undefined);
  const written = { __proto__: null };
  const twice = (parameter, place) => {
    const error = new Error(place + ' parameter ' + parameter + ' was sent more than once');
    error.parameter = parameter;
    error.place = place;
    throw error;
  };
  const single = (parameters, place) => (name) => {
    const values = own(parameters, String(name));
    return values === undefined ? undefined : values.length > 1 ? twice(String(name), place) : values[0];
  };
  const decode = (part) => (part === undefined || part === null ? undefined : 's' in part ? new Set(part.s) : part.v);
  const message = freeze({
    get(name) {
      name = String(name);
      return decode(name in written ? written[name] : own(input.attributes, name));
    },
    set(name, value) {
      name = String(name);
      if (!input.writes.includes(name)) throw new TypeError('message.set: ' + name + ' is not among the attributes that this policy writes');
      if (value === undefined) written[name] = null;
      else if (value instanceof Set) written[name] = { s: listOf(value, String) };
      else written[name] = parse(stringify({ v: value }));
    },
    request: freeze({
      method: input.method,
      path: input.path,
      header(name) {
        return own(input.headers, String(name).toLowerCase());
      },
      query: single(input.query, 'query'),
      form: single(input.form, 'form'),
    }),
  });
  defineProperty(globalThis, 'message', { value: message, enumerable: true });
  return () => stringify(written);
})`;
