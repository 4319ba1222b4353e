// Types that make a missing text, a missing plural or a forgotten placeholder an error of the compiler.

export type Plural = { readonly one?: string; readonly other: string };
export type Message = string | Plural;
export type Section = Readonly<Record<string, Message>>;

/** The same keys with texts of another language. Chinese has one plural form, `other`. */
export type Same<T> = { readonly [K in keyof T]: T[K] extends string ? string : Plural };

type Holes<S> = S extends `${string}{${infer P}}${infer Rest}` ? P | Holes<Rest> : never;
/** The placeholders of a message; a plural always counts by `n`. */
export type Params<M> = M extends string ? Holes<M> : M extends { other: infer O } ? "n" | Holes<O> : never;
export type Value = string | number;
