#![no_main]

mod one;

program!("docx");
