/** The caller of one provider that plugin authors test with is the one of this suite, too. */
export * from "../../src/testing/drive.ts";
