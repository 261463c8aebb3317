/**
 * How proto-loader turns messages into objects. The types in `gen/` are generated with the same options, by
 * `npm run proto`: change them here, and only here.
 */
export const LOADER_OPTIONS = {
  /** Field names in camelCase. */
  keepCase: false,
  /** Exact up to 2^53. */
  longs: Number,
  /** A repeated field is always there; anything else that is unset is absent. */
  arrays: true,
  defaults: false,
  oneofs: false,
} as const;

/** The same, as arguments of `proto-loader-gen-types`. */
export const GENERATOR_ARGUMENTS: readonly string[] = Object.entries(LOADER_OPTIONS).map(
  ([name, value]) => `--${name}=${typeof value === 'function' ? value.name : value}`,
);
