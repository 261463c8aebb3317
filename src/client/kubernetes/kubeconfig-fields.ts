/** An object of a kubeconfig, read as strictly as kubectl does: a number is not a text. Messages name the field, never its value. */
export class Fields {
  readonly #object: Readonly<Record<string, unknown>>;
  readonly #at: string;

  constructor(value: unknown, at: string) {
    if (value !== undefined && value !== null && (typeof value !== 'object' || Array.isArray(value))) {
      throw new Error(`${at || 'the file'} is not an object`);
    }
    this.#object = { ...value };
    this.#at = at;
  }

  has(key: string): boolean {
    return this.#object[key] !== undefined && this.#object[key] !== null;
  }

  raw(key: string): unknown {
    return this.#object[key];
  }

  /** '': absent. */
  text(key: string): string {
    const value = this.#object[key] ?? '';
    if (typeof value !== 'string') throw new Error(`${this.#path(key)} is not a text`);
    return value;
  }

  flag(key: string): boolean {
    const value = this.#object[key] ?? false;
    if (typeof value !== 'boolean') throw new Error(`${this.#path(key)} is neither true nor false`);
    return value;
  }

  /** Bytes in base64. Undefined: none. */
  data(key: string): Buffer | undefined {
    const value = this.text(key).replace(/[\r\n]/g, '');
    if (value === '') return undefined;
    if (value.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(value))
      throw new Error(`${this.#path(key)} is not base64`);
    return Buffer.from(value, 'base64');
  }

  texts(key: string): string[] {
    return this.#list(key).map((value, index) => {
      if (typeof value !== 'string') throw new Error(`${this.#path(key)}[${index}] is not a text`);
      return value;
    });
  }

  object(key: string): Fields {
    return new Fields(this.#object[key], this.#path(key));
  }

  objects(key: string): Fields[] {
    return this.#list(key).map((value, index) => new Fields(value, `${this.#path(key)}[${index}]`));
  }

  keys(): string[] {
    return Object.keys(this.#object);
  }

  #list(key: string): unknown[] {
    const value = this.#object[key] ?? [];
    if (!Array.isArray(value)) throw new Error(`${this.#path(key)} is not a list`);
    return value;
  }

  #path(key: string): string {
    return this.#at === '' ? key : `${this.#at}.${key}`;
  }
}
