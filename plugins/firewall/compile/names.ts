/** What nft can read again when it has printed it: letters, digits and underscores; empty, or with `_` in front. */
export function slug(name: string): string {
  const plain = name
    .replace(/[^A-Za-z0-9]+/g, '_')
    .slice(0, 24)
    .replace(/^_+|_+$/g, '');
  return plain === '' ? '' : `_${plain}`;
}

/**
 * A comment, or the prefix of a line of the log: printable ASCII without what nft would have to quote, and short enough
 * for the kernel (NFTNL_UDATA_COMMENT_MAXLEN, NF_LOG_PREFIXLEN: 128).
 */
export function printable(text: string, longest = 120): string {
  return text
    .replaceAll('"', "'")
    .replace(/[^ -~]|[\\$]/g, '?')
    .slice(0, longest);
}
