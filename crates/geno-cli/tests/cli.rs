//! Runs every console block of `tests/cmd/*.md` and of the examples, and compares what it prints.

#[test]
fn documented_commands_print_what_is_documented() {
    trycmd::TestCases::new()
        .case("tests/cmd/*.md")
        .case("../../examples/annotate-*.md")
        .env("SOURCE_DATE_EPOCH", "1767225600")
        .env("GENO_LEWM_CACHE", "cache")
        .env("HF_HUB_CACHE", "hub")
        .env("GENO_LEWM_LOG_LEVEL", "warn");
}
