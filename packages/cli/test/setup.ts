import fc from "fast-check";

// The same cases each time: a build that fails must fail again. FC_SEED looks further.
fc.configureGlobal({ seed: Number(process.env.FC_SEED ?? 1) });
