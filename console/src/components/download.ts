/** Gives a text to the person as a file. */
export function download(fileName: string, text: string, mediaType: string): void {
  const address = URL.createObjectURL(new Blob([text], { type: mediaType }));
  const link = document.createElement('a');
  link.href = address;
  link.download = fileName;
  link.click();
  // Later, since the browser reads it after the click.
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}
