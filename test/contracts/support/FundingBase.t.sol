// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {AccessManager} from "@openzeppelin/contracts/access/manager/AccessManager.sol";
import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import {ERC1967Proxy} from "@openzeppelin/contracts/proxy/ERC1967/ERC1967Proxy.sol";
import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {Grants} from "../../../contracts/funding/Grants.sol";
import {Streams} from "../../../contracts/funding/Streams.sol";
import {Base} from "./Base.t.sol";

contract FundingToken is ERC20("Funding", "FUND") {
    function mint(address to, uint256 amount) external {
        _mint(to, amount);
    }
}

/// @dev A token that tells its receiver, as ERC-777 did: what reentrancy is tried with.
contract CallbackToken is ERC20("Callback", "CALL") {
    function mint(address to, uint256 amount) external {
        _mint(to, amount);
    }

    function _update(address from, address to, uint256 value) internal override {
        super._update(from, to, value);
        if (from != address(0) && to.code.length > 0) {
            (bool done, bytes memory reason) = to.call(abi.encodeWithSignature("tokensReceived()"));
            // Who does not know of the callback has a fallback that refuses it; that is not the token's business.
            if (!done && reason.length > 0) {
                assembly ("memory-safe") {
                    revert(add(reason, 32), mload(reason))
                }
            }
        }
    }
}

/// @dev Streams and grants behind proxies; the test itself stands where the timelock does.
abstract contract FundingBase is Base {
    /// Unix time of every test's start.
    uint40 internal constant START = 1_800_000_000;

    address internal immutable alice = account("alice");
    address internal immutable bob = account("bob");
    address internal immutable stranger = account("stranger");
    address internal immutable treasury = account("treasury");

    AccessManager internal manager;
    FundingToken internal token;
    Streams internal streams;
    Grants internal grants;

    function setUp() public virtual {
        vm.warp(START);
        manager = new AccessManager(address(this));
        token = new FundingToken();
        streams = newStreams(address(token));
        grants = newGrants(address(token));
    }

    function newStreams(address coin) internal returns (Streams) {
        bytes memory data = abi.encodeCall(Streams.initialize, (address(manager), coin, treasury));
        return Streams(address(new ERC1967Proxy(address(new Streams()), data)));
    }

    function newGrants(address coin) internal returns (Grants) {
        bytes memory data = abi.encodeCall(Grants.initialize, (address(manager), coin, treasury));
        return Grants(address(new ERC1967Proxy(address(new Grants()), data)));
    }

    /// @dev Every call, sent by a stranger, is refused for who sent it.
    function assertRestricted(address target, bytes[] memory calls) internal {
        for (uint256 i = 0; i < calls.length; ++i) {
            vm.prank(stranger);
            (bool done, bytes memory reason) = target.call(calls[i]);
            assertTrue(!done, "a stranger is refused");
            bytes memory expected = abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, stranger);
            assertEq(keccak256(reason), keccak256(expected), "for being one");
        }
    }
}
