// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {AccessManager} from "@openzeppelin/contracts/access/manager/AccessManager.sol";
import {ERC1967Proxy} from "@openzeppelin/contracts/proxy/ERC1967/ERC1967Proxy.sol";
import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {DecoderRegistry} from "../../../contracts/registry/DecoderRegistry.sol";
import {ManufacturerRegistry} from "../../../contracts/registry/ManufacturerRegistry.sol";
import {MinerRegistry} from "../../../contracts/registry/MinerRegistry.sol";

/// @dev The cheat codes used here; see Hardhat's list.
interface Vm {
    function addr(uint256 privateKey) external pure returns (address);
    function sign(uint256 privateKey, bytes32 digest) external pure returns (uint8 v, bytes32 r, bytes32 s);
    function prank(address sender) external;
    function startPrank(address sender) external;
    function stopPrank() external;
    function warp(uint256 timestamp) external;
    function roll(uint256 blockNumber) external;
    function chainId(uint256 id) external;
    function expectRevert(bytes calldata data) external;
    function expectRevert() external;
    function expectEmit() external;
    function load(address target, bytes32 slot) external view returns (bytes32);
    function assume(bool condition) external pure;
}

contract TestToken is ERC20 {
    constructor() ERC20("Test", "TEST") {
        _mint(msg.sender, 1_000_000_000e18);
    }
}

/// @dev What the tests of the registries share: cheat codes, comparisons, and the registries behind proxies.
abstract contract RegistryBase {
    Vm internal constant vm = Vm(0x7109709ECfa91a80626fF3989D68f67F5b1DD12D);
    uint256 internal constant ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141;
    /// Unix time of every test's start: Wednesday 2026-07-01 12:00 UTC.
    uint256 internal constant START = 1_782_907_200;

    uint256 internal constant MAKER_KEY = 0xA11CE;
    uint256 internal constant DEVICE_KEY = 0xD01;
    address internal immutable maker = vm.addr(MAKER_KEY);
    address internal immutable device = vm.addr(DEVICE_KEY);
    address internal constant OWNER = address(0x0123);
    address internal constant STRANGER = address(0xBAD);
    address internal constant TREASURY = address(0x7EA5);

    AccessManager internal manager;
    TestToken internal token;
    ManufacturerRegistry internal manufacturers;
    MinerRegistry internal miners;
    DecoderRegistry internal decoders;

    error Unequal(string what, bytes32 actual, bytes32 expected);

    function setUp() public virtual {
        vm.warp(START);
        manager = new AccessManager(address(this));
        token = new TestToken();
        manufacturers = ManufacturerRegistry(
            _proxy(
                address(new ManufacturerRegistry()),
                abi.encodeCall(ManufacturerRegistry.initialize, (address(manager), address(token), TREASURY))
            )
        );
        miners = MinerRegistry(
            _proxy(
                address(new MinerRegistry()),
                abi.encodeCall(MinerRegistry.initialize, (address(manager), address(manufacturers)))
            )
        );
        decoders = DecoderRegistry(
            _proxy(address(new DecoderRegistry()), abi.encodeCall(DecoderRegistry.initialize, (address(manager))))
        );
    }

    function _proxy(address implementation, bytes memory data) internal returns (address) {
        return address(new ERC1967Proxy(implementation, data));
    }

    /// @return id Of an Active licence of `maker` without a bond, for 1,000 devices.
    function _licence() internal returns (uint256 id) {
        return manufacturers.grant(maker, "Acme", 0, 1_000, abi.encodePacked(maker));
    }

    function _sign(uint256 key, bytes32 digest) internal pure returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, digest);
        return abi.encodePacked(r, s, v);
    }

    /// @dev The same signature with the other s, which ecrecover alone would take.
    function _signHighS(uint256 key, bytes32 digest) internal pure returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, digest);
        return abi.encodePacked(r, bytes32(ORDER - uint256(s)), v == 27 ? uint8(28) : uint8(27));
    }

    /// @dev EIP-712, computed here from the standard.
    function _typed(string memory name, address verifier, bytes32 structHash) internal view returns (bytes32) {
        bytes32 domain = keccak256(
            abi.encode(
                keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"),
                keccak256(bytes(name)),
                keccak256("1"),
                block.chainid,
                verifier
            )
        );
        return keccak256(abi.encodePacked(hex"1901", domain, structHash));
    }

    function _eq(string memory what, uint256 actual, uint256 expected) internal pure {
        if (actual != expected) revert Unequal(what, bytes32(actual), bytes32(expected));
    }

    function _eq(string memory what, bytes32 actual, bytes32 expected) internal pure {
        if (actual != expected) revert Unequal(what, actual, expected);
    }

    function _eq(string memory what, address actual, address expected) internal pure {
        _eq(what, uint160(actual), uint160(expected));
    }

    function _eq(string memory what, bool actual, bool expected) internal pure {
        _eq(what, actual ? 1 : 0, expected ? 1 : 0);
    }
}
