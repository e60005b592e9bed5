protocols![
    dnp3,
    modbus,
];
