#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    countgrid_fuzz::run(countgrid_fuzz::Target::Layouts, data);
});
