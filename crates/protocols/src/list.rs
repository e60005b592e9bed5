protocols![
    cotp,
    modbus,
    s7comm,
    s7comm_plus,
    tpkt,
];
