/**
 * The three functions of the Reflect Metadata proposal that the X.509 library asks for while it is loaded. It describes its own parts and
 * reads no metadata of ours, so that nothing has to be kept. Imported before the library, by whoever imports the library.
 */
const metadata = {
  getMetadata: () => undefined,
  getOwnMetadata: () => undefined,
  defineMetadata: () => {},
};
for (const [name, value] of Object.entries(metadata)) {
  if (!(name in Reflect)) Object.defineProperty(Reflect, name, { value, configurable: true, writable: true });
}
